/** What waits for the collector, and the requests that it goes in. */
import { closeBreaker, pauseBreaker, resumeBreaker, SLOW_MS, tripBreaker } from './breaker.ts'
import type { Config } from './config.ts'
import { judge, type Delivery, type Verdict } from './delivery.ts'
import { drop } from './dropped.ts'
import type { Encoding } from './encode.ts'
import type { InFlight, Transport } from './exporter.ts'
import { quietly, warnOnce } from './quietly.ts'
import { MAX_RETAINED_BYTES, retain, takeRequests, trimRetained, type Batch } from './retention.ts'
import { slot } from './slot.ts'

/**
 * Collectors pass spans on by gRPC, whose servers take messages of 4 MiB, decompressed, unless they are told otherwise:
 * https://pkg.go.dev/google.golang.org/grpc#MaxRecvMsgSize
 */
const MAX_BODY_BYTES = 4e6

export interface Outbox {
  /** Nothing listens at an endpoint that nobody has asked for. */
  isOff: boolean
  /** Until the answer that tripped the breaker allows another attempt, by one flush. */
  retryMs: number | undefined
  /** For a later flush, within the limits. */
  keep(batches: readonly Batch[]): void
  /**
   * Sends what is kept; true: it has arrived.
   * @param probing one request goes first; the rest follows only if that one has arrived
   */
  drain(probing: boolean, inFlight: InFlight, budgetMs: number): Promise<boolean>
}

export function createOutbox(config: Config, encoding: Encoding, transport: Transport): Outbox {
  const { probe, batch } = config
  const { maxExportBatchSize, maxQueueSize } = batch
  const outbox: Outbox = { isOff: false, retryMs: undefined, keep, drain }
  /** Of a request; less, once one of several batches was too large. */
  let maxBytes = MAX_BODY_BYTES

  return outbox

  function dispatch(batches: readonly Batch[], inFlight: InFlight, budgetMs: number): Promise<boolean> {
    const tracked = [inFlight, transport.inFlight]
    const settled: Promise<boolean> = post(batches, budgetMs, () => {
      for (const set of tracked) set?.delete(settled)
    })
    for (const set of tracked) set?.add(settled)
    return settled
  }

  async function post(batches: readonly Batch[], budgetMs: number, done: () => void): Promise<boolean> {
    const { trips } = slot.breaker
    const sentAt = Date.now()
    const bodies = batches.map(({ body }) => body)
    const body = bodies.length > 1 ? encoding.join(bodies) : bodies[0]!
    const delivery = await transport.send(config, encoding.contentType, body, budgetMs)
    done()
    const tookMs = Date.now() - sentAt
    const verdict = quietly(() => settle(delivery, batches, body.length))
    if (verdict?.fate === 'arrived') {
      if (tookMs > Math.max(budgetMs, SLOW_MS)) resumeBreaker()
      // Not by what was sent before it opened.
      else if (slot.breaker.trips === trips) closeBreaker()
      return true
    }
    // One outage counts once, however many requests it meets.
    if (slot.breaker.trips === trips) {
      outbox.retryMs = verdict?.fate === 'kept' ? verdict.retryMs : undefined
      // The rest is a freeze.
      pauseBreaker(tripBreaker(Math.min(tookMs, budgetMs), outbox.retryMs))
    }
    return false
  }

  function settle(delivery: Delivery, batches: readonly Batch[], bytes: number): Verdict {
    if (probe && delivery.status === undefined && delivery.refused) {
      outbox.isOff = true
      return { fate: 'arrived', rejected: 0 }
    }
    const verdict = judge(delivery, config, encoding, batches.length > 1)
    if (verdict.fate === 'lost') drop(batches, verdict.reason)
    else if (verdict.fate === 'kept') {
      if (verdict.apart) maxBytes = bytes / 2
      keep(batches)
    } else if (verdict.rejected > 0) drop([{ spans: verdict.rejected }], 'rejected')
    return verdict
  }

  function keep(batches: readonly Batch[]): void {
    retain(batches)
    if (trimRetained(maxQueueSize))
      warnOnce('UO209', `over ${maxQueueSize} spans or ${MAX_RETAINED_BYTES} bytes undelivered: the oldest are dropped`)
  }

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
    const requests = takeRequests(maxExportBatchSize, maxBytes)
    let haveArrived = true
    for (const sending of requests.map((batches) => dispatch(batches, inFlight, leftMs)))
      haveArrived = (await sending) && haveArrived
    if (haveArrived) maxBytes = MAX_BODY_BYTES
    return haveArrived
  }
}
