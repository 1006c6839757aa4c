/**
 * The manual API, `unplugin-otel/runtime`: the same names on every target. It knows no target and holds
 * no state of its own: spans go through `@opentelemetry/api`, so without a provider (tests, browsers,
 * plugin disabled) everything here runs the user's code and nothing else.
 */
export { flush, type ManualFlushOptions } from './manual/flush.ts'
export { isEnabled } from './manual/is-enabled.ts'
export { log } from './manual/log.ts'
export { sendEvent } from './manual/send-event.ts'
export { sendException } from './manual/send-exception.ts'
export { traced } from './manual/traced.ts'
export type { UserContext } from './manual/user-context.ts'
export { withContext } from './manual/with-context.ts'
