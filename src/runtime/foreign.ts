/** The flush of a provider that somebody else registered, on Node. */
import { OPEN_MS, openBreaker, SLOW_MS } from './breaker.ts'
import type { Foreign } from './provider.ts'
import { complain, warnOnce } from './quietly.ts'
import { within } from './within.ts'

/** The same, and what fails or hangs costs an invocation only once. */
export function flushOf(foreign: Foreign, budgetMs: number): Foreign {
  return {
    async forceFlush() {
      const began = Date.now()
      const inTime = await within(budgetMs, flushAll(foreign, budgetMs)).catch(complain)
      const took = Date.now() - began
      // What fails at once costs nothing.
      if (inTime || (inTime === undefined && took < SLOW_MS)) return
      openBreaker(OPEN_MS)
      warnOnce(
        'UO216',
        `the other OpenTelemetry provider did not answer within ${took} ms (flush.budgetMs): not waited for during ${OPEN_MS / 1000} s`,
      )
    },
  }
}

async function flushAll(foreign: Foreign, budgetMs: number): Promise<void> {
  await foreign.forceFlush?.()
  await sentryClient()?.flush(budgetMs)
}

interface SentryClient {
  /** @param timeoutMs after which it stops waiting */
  flush(timeoutMs: number): PromiseLike<unknown>
}
interface SentryCarrier {
  readonly acs?: { getCurrentScope(): { getClient(): SentryClient | undefined } }
}
type SentryCarriers = { readonly version: string } & Readonly<Record<string, SentryCarrier | undefined>>

/**
 * The `forceFlush` of Sentry's provider does nothing: its client sends, when it is told to. The carrier on `globalThis`
 * is how the copies of its SDK in a process find each other, and the one way to the client without an import.
 * https://github.com/getsentry/sentry-javascript/blob/develop/packages/core/src/carrier.ts
 */
function sentryClient(): SentryClient | undefined {
  const carriers = (globalThis as { __SENTRY__?: SentryCarriers }).__SENTRY__
  return carriers?.[carriers.version]?.acs?.getCurrentScope().getClient()
}
