/**
 * OTLP/HTTP with a deadline per flush. Requests are tracked until they have an outcome: one that is
 * slower than its budget is left in flight, not aborted, and its outcome is read when the process runs
 * again. What definitely did not arrive is kept, bounded, and goes out with a later flush: delivery is
 * at least once.
 */
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Config } from './config.ts'
import { quietly, warnOnce } from './quietly.ts'
import { slot } from './slot.ts'
import { within } from './within.ts'

export interface Encoding {
  readonly protocol: 'http/json' | 'http/protobuf'
  readonly contentType: string
  encode(spans: ReadableSpan[]): Uint8Array | undefined
}

/** An encoded batch. Plain data: it outlives invocations. */
export interface Payload {
  readonly body: Uint8Array
  readonly gzip: boolean
}

export type Delivery =
  | { readonly status: number; readonly text: string }
  /** `refused`: nothing listens there. */
  | { readonly error: Error; readonly refused: boolean }

/** The target's way to send bytes. Never rejects, and does not keep the process alive. */
export interface Transport {
  send(config: Config, contentType: string, payload: Payload): Promise<Delivery>
  gzip(body: Uint8Array): Uint8Array
}

export interface Exporter {
  /** Encodes and sends now; the outcome is tracked. */
  send(spans: ReadableSpan[]): void
  /**
   * Sends `spans`, then waits for everything in flight, `budgetMs` at most. `referenced`: somebody
   * awaits this flush, so its timer keeps the process alive. Never rejects.
   */
  flush(spans: ReadableSpan[], budgetMs: number, referenced: boolean): Promise<void>
}

const GZIP_FROM_BYTES = 8192
const MAX_RETAINED_BYTES = 1_048_576
/** Answers that the specification allows to retry: https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const RETRYABLE = new Set([429, 502, 503, 504])
/** A failure, or a budget spent, that took this long opens the breaker. */
const SLOW_MS = 250
/** How long flushes are not waited for; doubles each time, up to the maximum. */
export const BREAKER_MS = 30_000
const BREAKER_MAX_MS = 300_000

export function createExporter(
  config: Config,
  fullBudgetMs: number,
  encoding: Encoding,
  transport: Transport,
): Exporter {
  const inFlight = new Set<Promise<void>>()
  let disabled = false

  function dispatch(payload: Payload): Promise<void> {
    const sentAt = Date.now()
    const settled = transport.send(config, encoding.contentType, payload).then((outcome) => {
      inFlight.delete(settled)
      // A quick answer to a request that nobody waited for: the collector is back.
      if ('status' in outcome && outcome.status < 300 && Date.now() - sentAt < SLOW_MS) slot.breaker.openUntil = 0
      quietly(() => judge(outcome, payload))
    })
    inFlight.add(settled)
    return settled
  }

  function judge(outcome: Delivery, payload: Payload): void {
    if ('error' in outcome) {
      if (outcome.refused && config.probe) {
        disabled = true
        return
      }
      warnOnce(
        'delivery',
        `${config.endpoint.host} is not reached (${outcome.error.message}): spans are kept and sent later`,
      )
      return retain(payload)
    }
    if (outcome.status < 300) {
      // https://opentelemetry.io/docs/specs/otlp/#partial-success-1
      if (/rejectedSpans"?: *"?[1-9]/.test(outcome.text)) warnOnce('rejected', outcome.text.slice(0, 400))
      return
    }
    if (RETRYABLE.has(outcome.status)) return retain(payload)
    warnOnce(
      'status',
      `${config.endpoint.host} answered ${outcome.status}${remedy(outcome.status, outcome.text)}: spans are lost`,
    )
  }

  function remedy(status: number, text: string): string {
    const other = encoding.protocol === 'http/json' ? 'http/protobuf' : 'http/json'
    if (status === 415 || (status === 400 && /proto|json|unmarshal|content.?type|invalid character/i.test(text))) {
      return ` to ${encoding.protocol}: set protocol: '${other}' in otel()`
    }
    if (status === 401 || status === 403) return ': check OTEL_EXPORTER_OTLP_HEADERS'
    if (status === 404) return `: check the path, ${config.endpoint.pathname}`
    return ''
  }

  function encode(spans: ReadableSpan[]): Payload[] {
    const payloads: Payload[] = []
    for (let at = 0; at < spans.length; at += config.maxExportBatchSize) {
      const batch = spans.slice(at, at + config.maxExportBatchSize)
      const body = quietly(() => encoding.encode(batch))
      if (!body) {
        // One span that cannot be encoded (an invalid date) must not take the others along.
        const sound = batch.filter((span) => quietly(() => encoding.encode([span])))
        if (sound.length < batch.length) payloads.push(...encode(sound))
        continue
      }
      const gzip = config.gzip && body.length >= GZIP_FROM_BYTES
      payloads.push({ body: gzip ? transport.gzip(body) : body, gzip })
    }
    return payloads
  }

  function send(spans: ReadableSpan[]): void {
    if (disabled || spans.length === 0) return
    const paused = Date.now() < slot.breaker.openUntil
    for (const payload of encode(spans)) {
      if (paused) retain(payload)
      else void dispatch(payload)
    }
  }

  /** After a failure one request goes first; the rest follows only if that one arrived. */
  async function sendRetained(payloads: Payload[]): Promise<void> {
    const waiting = [...slot.retained.splice(0), ...payloads]
    await dispatch(waiting.shift()!)
    if (slot.retained.length > 0) waiting.forEach(retain)
    else await Promise.all(waiting.map(dispatch))
  }

  return {
    send,
    async flush(spans, budgetMs, referenced) {
      if (disabled) return
      const waits = Date.now() >= slot.breaker.openUntil && budgetMs > 0
      const payloads = encode(spans)
      if (!waits && inFlight.size > 0) return payloads.forEach(retain)
      const sending = slot.retained.length > 0 ? sendRetained(payloads) : Promise.all(payloads.map(dispatch))
      if (!waits) return
      const began = Date.now()
      const inTime = await within(budgetMs, Promise.all([sending, ...inFlight]), referenced)
      if (inTime && (slot.retained.length === 0 || Date.now() - began < SLOW_MS)) slot.breaker.trips = 0
      // A budget that the deadline cut short says little about the collector.
      else if (inTime || budgetMs >= Math.min(fullBudgetMs, SLOW_MS)) trip(budgetMs)
    },
  }

  function trip(budgetMs: number): void {
    const pause = Math.min(BREAKER_MS * 2 ** slot.breaker.trips++, BREAKER_MAX_MS)
    slot.breaker.openUntil = Date.now() + pause
    warnOnce(
      'budget',
      `${config.endpoint.host} did not answer within ${Math.round(budgetMs)} ms (flush.budgetMs): not waited for in the next ${pause / 1000} s`,
    )
  }
}

/** Keeps an undelivered batch for a later flush; the oldest go first when there are too many. */
function retain(payload: Payload): void {
  slot.retained.push(payload)
  let bytes = slot.retained.reduce((sum, kept) => sum + kept.body.length, 0)
  while (bytes > MAX_RETAINED_BYTES) {
    bytes -= slot.retained.shift()!.body.length
    warnOnce('retained', `more than ${MAX_RETAINED_BYTES} bytes are undelivered: the oldest spans are dropped`)
  }
}
