/** `ignore` of `otel.config.ts`: invocations that make no span. */
import type { Config } from '../define-config.ts'
import { ignoreStarts } from '../ignoring.ts'
import type { Setup } from '../provider.ts'
import { attempt, listOf } from '../user-functions.ts'

export function ignoreInvocations(setup: Setup, config: Config | undefined): Setup {
  const [ignore] = listOf(config, 'ignore')
  return ignore ? ignoreStarts(setup, (described) => attempt('ignore', () => ignore(described)) === true) : setup
}
