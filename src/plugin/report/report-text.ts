/** The build report as people read it. */
import type { Detected } from '../build.ts'
import { linkTo } from './codes.ts'
import type { Context } from '../define-platform.ts'
import { toLine, toText, type Diagnostic } from './diagnostic.ts'
import type { BuildReport } from './report.ts'

/** Warnings, or errors, and what else the build did. */
export function toProblem(problems: readonly Diagnostic[], summary: string | undefined): string {
  return [...problems.map(toText), ...(summary === undefined ? [] : [summary])].join('\n')
}

/**
 * @param said what is not said again
 * @param detected in a verbose report, which also has frames and links
 */
export function toSummary(
  { platform, target, because, context, handlers, configs, diagnostics, isRestCached }: BuildReport,
  said: readonly Diagnostic[],
  detected: readonly Detected[] | undefined,
): string {
  const lines = [
    platform ? `[unplugin-otel] ${platform}, ${target} (${because})` : `[unplugin-otel] no platform: ${because}`,
  ]
  if (context) lines.push(`  context  ${CONTEXTS[context.kind]} (${context.because})`)
  for (const { platform: other, signal, because: why } of detected ?? []) {
    lines.push(`  signal   ${signal}: ${why} names ${other.id}`)
  }
  for (const { path, line, column, name, kind } of handlers) {
    lines.push(`  wrapped  ${path}:${line}:${column} ${name} (${kind})`)
  }
  for (const { path, keys } of configs) {
    lines.push(
      `  config   ${path} (${keys ? keys.join(', ') || 'empty' : 'its keys are computed: all that it may have is bundled'})`,
    )
  }
  const rest = diagnostics.filter((each) => !said.includes(each))
  rest.forEach((each, at) => {
    lines.push(`  ${labelOf(each).padEnd(9)}${toLine(each)}`)
    if (detected && each.frame) lines.push(indent(each.frame))
    // Said once for all that follow each other.
    const next = rest[at + 1]
    if (!each.remedy || (next?.code === each.code && next.remedy === each.remedy)) return
    lines.push(indent(`${each.code} ${each.remedy}${detected ? ` ${linkTo(each.code)}` : ''}`))
  })
  if (isRestCached) lines.push('  cached   by the bundler: the rest, as an earlier build wrapped it')
  return lines.join('\n')
}

const CONTEXTS: Readonly<Record<Context, string>> = {
  als: 'AsyncLocalStorage',
  global: 'AsyncLocalStorage',
  stack: 'until the first await',
}

function labelOf({ code }: Diagnostic): string {
  if (code === 'UO117') return 'obsolete'
  return code === 'UO116' ? 'note' : 'left'
}

function indent(text: string): string {
  return text.replace(/^/gm, ' '.repeat(11))
}
