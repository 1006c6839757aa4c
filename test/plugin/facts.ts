import { resolveBuild } from '../../src/plugin/build.ts'
import type { TransformFacts } from '../../src/plugin/emit.ts'
import { toFacts } from '../../src/plugin/facts.ts'
import type { PlatformId } from '../../src/plugin/known-platforms.ts'
import { resolveOptions } from '../../src/plugin/options.ts'
import { createProject } from './project-facts.ts'

/** What the pipeline would tell the transform about a module; `my-handler` is a name for the fixtures. */
export function createFacts(
  path: string,
  facts: Partial<TransformFacts> = {},
  platform: PlatformId = 'aws-lambda',
): TransformFacts {
  const project = createProject({ bundler: { entries: [`/orders/${path}`] } })
  const options = resolveOptions({ platform })
  const build = resolveBuild(options, project)
  const found = toFacts(build.of(`/orders/${path}`)!, build, options, project)
  const [kind] = Object.values(found.kinds)
  return { ...found, kinds: { ...found.kinds, ...(kind && { 'my-handler': kind }) }, ...facts }
}
