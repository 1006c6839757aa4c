/**
 * OTLP/HTTP with a deadline per flush. Requests are tracked until they have an outcome. What definitely
 * did not arrive is kept, bounded, and goes out with a later flush: delivery is at least once.
 */
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import {
  closeBreaker,
  isBreakerHalfOpen,
  isBreakerOpen,
  isBreakerPaused,
  openBreaker,
  pauseBreaker,
  resumeBreaker,
  SLOW_MS,
  tripBreaker,
} from './breaker.ts'
import type { Config } from './config.ts'
import { judge, type Delivery, type Verdict } from './delivery.ts'
import { drop } from './dropped.ts'
import { MAX_BODY_BYTES, toBatches, type Encoding } from './encode.ts'
import type { Foreign } from './provider.ts'
import { quietly, warnOnce } from './quietly.ts'
import { MAX_RETAINED_BYTES, retain, takeRequests, trimRetained, type Batch } from './retention.ts'
import { slot } from './slot.ts'
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
  const { endpoint, probe, batch } = config
  const { maxExportBatchSize, maxQueueSize } = batch
  let disabled = false
  /** Until the answer that tripped the breaker allows another attempt, by one flush. */
  let retryMs: number | undefined

  function dispatch(batches: readonly Batch[], inFlight: InFlight, budgetMs: number): Promise<boolean> {
    const tracked = [inFlight, transport.inFlight]
    const settled: Promise<boolean> = post(batches, budgetMs, () => {
      for (const set of tracked) set?.delete(settled)
    })
    for (const set of tracked) set?.add(settled)
    return settled
  }

  /** No `then`, `Promise.all` and the like here: the user's code may have replaced them. */
  async function post(batches: readonly Batch[], budgetMs: number, done: () => void): Promise<boolean> {
    const { trips } = slot.breaker
    const sentAt = Date.now()
    const bodies = batches.map(({ body }) => body)
    const body = bodies.length > 1 ? encoding.join(bodies) : bodies[0]!
    const delivery = await transport.send(config, encoding.contentType, body, budgetMs)
    done()
    const tookMs = Date.now() - sentAt
    const verdict = quietly(() => settle(delivery, batches))
    if (verdict?.fate === 'arrived') {
      if (tookMs <= budgetMs) closeBreaker()
      else resumeBreaker()
      return true
    }
    // One outage counts once, however many requests it meets.
    if (slot.breaker.trips === trips) {
      retryMs = verdict?.fate === 'kept' ? verdict.retryMs : undefined
      pauseBreaker(tripBreaker(tookMs, retryMs))
    }
    return false
  }

  function settle(delivery: Delivery, batches: readonly Batch[]): Verdict {
    if (probe && delivery.status === undefined && delivery.refused) {
      disabled = true
      return { fate: 'arrived', rejected: 0 }
    }
    const verdict = judge(delivery, config, encoding)
    if (verdict.fate === 'kept') keep(batches)
    else if (verdict.fate === 'lost') drop(batches, verdict.reason)
    else if (verdict.rejected > 0) drop([{ spans: verdict.rejected }], 'rejected')
    return verdict
  }

  function keep(batches: readonly Batch[]): void {
    retain(batches)
    if (trimRetained(maxQueueSize))
      warnOnce('UO209', `over ${maxQueueSize} spans or ${MAX_RETAINED_BYTES} bytes undelivered: the oldest are dropped`)
  }

  /** Sends what is kept. `probing`: one request goes first; the rest follows only if that one arrived. */
  async function drain(probing: boolean, inFlight: InFlight, budgetMs: number): Promise<boolean> {
    const until = Date.now() + budgetMs
    const first = probing && slot.retained.shift()
    if (first) {
      // Whoever comes meanwhile keeps theirs.
      pauseBreaker(budgetMs)
      if (!(await dispatch([first], inFlight, budgetMs))) return false
    }
    const leftMs = until - Date.now()
    // There they would be cut off in the midst of it.
    if (first && !transport.outlives && leftMs < budgetMs / 2) return true
    const requests = takeRequests(maxExportBatchSize, MAX_BODY_BYTES)
    let haveArrived = true
    for (const sending of requests.map((batches) => dispatch(batches, inFlight, leftMs)))
      haveArrived = (await sending) && haveArrived
    return haveArrived
  }

  /** The same, and once more if all was well, the collector allows it and the budget has time for it. */
  async function drainTwice(inFlight: InFlight, budgetMs: number): Promise<void> {
    const began = Date.now()
    const wasWell = slot.breaker.trips === 0
    if ((await drain(isBreakerHalfOpen(), inFlight, budgetMs)) || !wasWell) return
    const waitMs = retryMs ?? Infinity
    retryMs = undefined
    const leftMs = budgetMs - waitMs - (Date.now() - began)
    // The first has shown how long another takes.
    if (leftMs < Date.now() - began) return
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs)
      ;(timer as { unref?: () => void }).unref?.()
    })
    await drain(true, inFlight, leftMs)
  }

  async function settleAll(requests: readonly Promise<boolean>[], work?: Promise<void>): Promise<void> {
    await work
    for (const request of requests) await request
  }

  return {
    send(spans, inFlight) {
      if (disabled) return
      const batches = toBatches(encoding, spans, maxExportBatchSize)
      if (isBreakerOpen()) return keep(batches)
      retain(batches)
      void drain(isBreakerHalfOpen(), inFlight, fullBudgetMs)
    },
    async flush(spans, inFlight, budgetMs, referenced) {
      if (disabled) return
      const waits = !isBreakerOpen() && budgetMs > 0
      const batches = toBatches(encoding, spans, maxExportBatchSize)
      const before = [...inFlight]
      const { size } = transport.inFlight ?? inFlight
      if (!waits && (isBreakerPaused() || size > 0 || !transport.outlives)) {
        keep(batches)
        // What was sent meanwhile dies with the invocation.
        if (!transport.outlives) await within(budgetMs, settleAll(before))
        return
      }
      retain(batches)
      const { trips } = slot.breaker
      const work = settleAll(before, drainTwice(inFlight, budgetMs))
      if (!waits) return
      const inTime = await within(budgetMs, work, referenced)
      // A budget that the deadline cut short says little about the collector.
      if (inTime || slot.breaker.trips !== trips || budgetMs < Math.min(fullBudgetMs, SLOW_MS)) return
      const pauseMs = tripBreaker(budgetMs)
      openBreaker(pauseMs)
      warnOnce(
        'UO208',
        `${endpoint.host} did not answer within ${Math.round(budgetMs)} ms (flush.budgetMs): not waited for during ${Math.round(pauseMs / 1000)} s`,
      )
    },
  }
}
