/** Sentry beside us, on Node. */
import type { Foreign } from './provider.ts'

/** Its client is told to send, once its provider has been flushed. */
export function withSentry(foreign: Foreign, budgetMs: number): Foreign {
  return {
    async forceFlush() {
      await foreign.forceFlush?.()
      await sentryClient()?.flush(budgetMs)
    },
  }
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
