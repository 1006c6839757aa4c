/** Under a test runner the plugin is off by itself: whoever looks for spans there is told. */
import { toText } from './diagnostic.ts'
import type { ResolvedOptions } from '../resolve-options.ts'

let isSaid = false

/** Once a process: a runner makes many pipelines. Its own log is about tests, so it is said on stderr. */
export function sayDisabled({ disabledBy, report }: Pick<ResolvedOptions, 'disabledBy' | 'report'>): void {
  if (disabledBy === undefined || report === false || isSaid) return
  isSaid = true
  const fact = `off: ${disabledBy} is set, so tests see the code as it was written`
  const remedy = 'Set enabled: true in otel() to test what is deployed.'
  process.stderr.write(`${toText({ code: 'UO104', severity: 'note', fact, remedy })}\n`)
}
