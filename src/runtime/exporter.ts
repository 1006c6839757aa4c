/**
 * OTLP/HTTP with a deadline per flush. Requests are tracked until they have an outcome. What definitely
 * did not arrive is kept, bounded, and goes out with a later flush: delivery is at least once.
 */
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { isBreakerHalfOpen, isBreakerOpen, isBreakerPaused, openBreaker, tripBreaker } from './breaker.ts'
import type { Config } from './config.ts'
import type { Delivery } from './delivery.ts'
import { toBatches, type Encoding } from './encode.ts'
import { createOutbox } from './outbox.ts'
import type { Foreign } from './provider.ts'
import { warnOnce } from './quietly.ts'
import { retain } from './retention.ts'
import { slot } from './slot.ts'
import { startUnreferenced } from './timer.ts'
import { within } from './within.ts'

/** Requests without an outcome yet; they settle with true when they arrived. */
export type InFlight = Set<Promise<boolean>>

/** The target's way to send bytes. */
export interface Transport {
  /** `telemetry.sdk.language`. */
  readonly language: 'nodejs' | 'webjs'
  /** Never rejects, and does not keep the process alive. */
  send(config: Config, contentType: string, body: Uint8Array, budgetMs: number): Promise<Delivery>
  /**
   * Those of the whole process: one that is slower than its budget is left in flight, and its outcome read when the
   * process runs again. Undefined where a request's promises belong to the invocation that made them (Workers).
   */
  readonly inFlight?: InFlight
  /** False: a request that nobody waits for dies with its invocation. */
  readonly outlives: boolean
  /** What else is flushed on this target where the provider is somebody else's. */
  beside?(foreign: Foreign, budgetMs: number): Foreign
}

/** Bodies from this size on are compressed. */
export const GZIP_FROM_BYTES = 8192
/** An answer is an empty message or a short reason. */
export const MAX_ANSWER_BYTES = 4096

export interface Exporter {
  /** Encodes and sends now; the outcome is tracked. */
  send(spans: ReadableSpan[], inFlight: InFlight): void
  /**
   * Sends `spans`, then waits for everything in flight, `budgetMs` at most. `referenced`: somebody
   * awaits this flush, so its timer keeps the process alive. Never rejects.
   */
  flush(spans: ReadableSpan[], inFlight: InFlight, budgetMs: number, referenced: boolean): Promise<void>
}

export function createExporter(
  config: Config,
  fullBudgetMs: number,
  encoding: Encoding,
  transport: Transport,
): Exporter {
  const { endpoint, batch } = config
  const { maxExportBatchSize } = batch
  const outbox = createOutbox(config, encoding, transport)

  /** Once more if all was well before, the collector allows it and the budget has time for it. */
  async function drainTwice(inFlight: InFlight, budgetMs: number): Promise<void> {
    const began = Date.now()
    const wasWell = slot.breaker.trips === 0
    if ((await outbox.drain(isBreakerHalfOpen(), inFlight, budgetMs)) || !wasWell) return
    const waitMs = outbox.retryMs ?? Infinity
    outbox.retryMs = undefined
    const leftMs = budgetMs - waitMs - (Date.now() - began)
    // The first has shown how long another takes.
    if (leftMs < Date.now() - began) return
    await new Promise<void>((resolve) => startUnreferenced(resolve, waitMs))
    await outbox.drain(true, inFlight, leftMs)
  }

  /** When the budget is over in the midst of it, nobody waits for a while. */
  async function waitFor(work: Promise<unknown>, budgetMs: number, referenced: boolean): Promise<void> {
    if ((await within(budgetMs, work, referenced)) || isBreakerOpen()) return
    const pauseMs = tripBreaker(budgetMs)
    openBreaker(pauseMs)
    warnOnce(
      'UO208',
      `${endpoint.host} did not answer within ${budgetMs} ms: not waited for during ${pauseMs / 1000} s`,
    )
  }

  async function settleAll(inFlight: InFlight, work?: Promise<void>): Promise<void> {
    const before = [...inFlight]
    await work
    for (const request of before) await request
    // There they are the invocation's own, and die with it: those, too, that have followed others.
    while (!transport.outlives && inFlight.size > 0) for (const request of inFlight) await request
  }

  return {
    send(spans, inFlight) {
      if (outbox.isOff) return
      const batches = toBatches(encoding, spans, maxExportBatchSize)
      if (isBreakerOpen()) return outbox.keep(batches)
      retain(batches)
      void waitFor(outbox.drain(isBreakerHalfOpen(), inFlight, fullBudgetMs), fullBudgetMs, false)
    },
    async flush(spans, inFlight, budgetMs, referenced) {
      if (outbox.isOff) return
      const waits = !isBreakerOpen() && budgetMs > 0
      const batches = toBatches(encoding, spans, maxExportBatchSize)
      const { size } = transport.inFlight ?? inFlight
      if (!waits && (isBreakerPaused() || size > 0 || !transport.outlives)) {
        outbox.keep(batches)
        // What was sent meanwhile dies with the invocation.
        if (!transport.outlives) await within(budgetMs, settleAll(inFlight))
        return
      }
      retain(batches)
      const work = settleAll(inFlight, drainTwice(inFlight, budgetMs))
      if (waits) await waitFor(work, budgetMs, referenced)
    },
  }
}
