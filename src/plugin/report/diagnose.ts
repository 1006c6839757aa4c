/** What is likely wrong with a project, beyond its modules: it is said before somebody misses spans. */
import type { Build } from '../build.ts'
import { findRebundler } from './deploy-tools.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { Project } from '../project.ts'

export function diagnoseProject(build: Build, project: Project): Diagnostic[] {
  const { platform, because, detected, context } = build
  if (!platform) return []
  const found: Diagnostic[] = []
  const ties = detected.filter(({ isTie }) => isTie)
  if (ties.length > 0 && detected[0]!.because === because) {
    const others = ties.map((each) => `${each.because} names ${each.platform.id}`)
    found.push({
      code: 'UO105',
      severity: 'near-miss',
      fact: `${because} names ${platform.id}, which was taken, but ${others.join(', ')}`,
      remedy: `Set platform: '${platform.id}' in otel(), or ${ties.map((each) => `'${each.platform.id}'`).join(' or ')}.`,
    })
  }
  if (context?.context === 'stack') {
    found.push({
      code: 'UO111',
      severity: 'near-miss',
      fact: `no AsyncLocalStorage (${context.because}): after an await spans do not find their parents`,
      remedy: "Add 'nodejs_als' to compatibility_flags.",
    })
  }
  const tool = findRebundler(platform, project)
  if (tool) found.push({ code: 'UO115', severity: 'near-miss', ...tool })
  return found
}
