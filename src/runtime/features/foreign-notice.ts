/** What `otel.config.ts` has for our provider does nothing where somebody else's records. */
import { aroundKinds } from '../around.ts'
import type { Config } from '../define-config.ts'
import type { Setup } from '../provider.ts'
import { warnOnce } from '../quietly.ts'
import { slot } from '../slot.ts'
import { listOf } from '../user-functions.ts'

export function sayForeign(setup: Setup, config: Config | undefined, keys: readonly (keyof Config)[]): Setup {
  const unused = keys.filter((key) => listOf(config, key).length > 0)
  return aroundKinds(setup, (kind) => ({
    ...kind,
    enter(call, invocation) {
      if (slot.tracing?.foreign) {
        warnOnce(
          'UO241',
          `another OpenTelemetry provider is registered: of otel.config.ts nobody calls ${unused.join(', ')}`,
        )
      }
      return kind.enter?.(call, invocation) ?? call.args
    },
  }))
}
