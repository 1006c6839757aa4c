/**
 * OTLP/HTTP with a deadline per flush. Requests are tracked until they have an outcome. What definitely
 * did not arrive is kept, bounded, and goes out with a later flush: delivery is at least once.
 */
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { closeBreaker, isBreakerOpen, SLOW_MS, tripBreaker } from './breaker.ts'
import type { Config } from './config.ts'
import type { Foreign } from './provider.ts'
import { quietly, warnOnce } from './quietly.ts'
import { slot } from './slot.ts'
import { within } from './within.ts'

export interface Encoding {
  readonly protocol: 'http/json' | 'http/protobuf'
  readonly contentType: string
  encode(spans: ReadableSpan[]): Uint8Array | undefined
}

/** An encoded batch. Plain data: it outlives invocations. */
export type Payload = Uint8Array

/** Requests without an outcome yet; they settle with true when they need no further attempt. */
export type InFlight = Set<Promise<boolean>>

export type Delivery =
  | { readonly status: number; readonly text: string }
  /** `refused`: nothing listens there. `final`: it may have arrived, or never will, so it is not sent again. */
  | { readonly error: Error; readonly refused?: boolean; readonly final?: boolean }

/** The target's way to send bytes. */
export interface Transport {
  /** `telemetry.sdk.language`. */
  readonly language: 'nodejs' | 'webjs'
  /** Never rejects, and does not keep the process alive. */
  send(config: Config, contentType: string, payload: Payload, budgetMs: number): Promise<Delivery>
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

export interface Exporter {
  /** Encodes and sends now; the outcome is tracked. */
  send(spans: ReadableSpan[], inFlight: InFlight): void
  /**
   * Sends `spans`, then waits for everything in flight, `budgetMs` at most. `referenced`: somebody
   * awaits this flush, so its timer keeps the process alive. Never rejects.
   */
  flush(spans: ReadableSpan[], inFlight: InFlight, budgetMs: number, referenced: boolean): Promise<void>
}

/**
 * Collectors pass spans on by gRPC, whose servers take messages of 4 MiB, decompressed, unless they are told otherwise:
 * https://pkg.go.dev/google.golang.org/grpc#MaxRecvMsgSize
 */
const MAX_BODY_BYTES = 4e6
const MAX_RETAINED_BYTES = 1_048_576
/** Answers that the specification allows to retry: https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const RETRYABLE = new Set([429, 502, 503, 504])

export function createExporter(
  config: Config,
  fullBudgetMs: number,
  encoding: Encoding,
  transport: Transport,
): Exporter {
  let disabled = false

  function dispatch(payload: Payload, inFlight: InFlight, budgetMs = fullBudgetMs): Promise<boolean> {
    const sentAt = Date.now()
    const tracked = [inFlight, transport.inFlight]
    const settled = transport.send(config, encoding.contentType, payload, budgetMs).then((outcome) => {
      for (const set of tracked) set?.delete(settled)
      // A quick answer to a request that nobody waited for: the collector is back.
      if ('status' in outcome && outcome.status < 300 && Date.now() - sentAt < SLOW_MS) closeBreaker()
      return quietly(() => judge(outcome, payload)) ?? true
    })
    for (const set of tracked) set?.add(settled)
    return settled
  }

  /** True: it arrived, or another attempt would not help. */
  function judge(outcome: Delivery, payload: Payload): boolean {
    if ('error' in outcome) {
      if (outcome.refused && config.probe) return (disabled = true)
      const { error, final } = outcome
      warnOnce(
        'UO205',
        `${config.endpoint.host} is not reached (${error.message}): spans are ${final ? 'lost' : 'kept and sent later'}`,
      )
      if (!final) retain(payload)
      return false
    }
    const { status, text } = outcome
    if (RETRYABLE.has(status)) {
      retain(payload)
      return false
    }
    // https://opentelemetry.io/docs/specs/otlp/#partial-success-1
    if (status >= 300)
      warnOnce('UO206', `${config.endpoint.host} answered ${status}${remedy(status, text)}: spans are lost`)
    else if (/rejectedSpans"?: *"?[1-9]/.test(text)) warnOnce('UO207', text.slice(0, 400))
    return true
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

  function encode(spans: ReadableSpan[], size = config.batch.maxExportBatchSize): Payload[] {
    const payloads: Payload[] = []
    for (let at = 0; at < spans.length; at += size) {
      const batch = spans.slice(at, at + size)
      const { length } = batch
      const body = quietly(() => encoding.encode(batch))
      if (!body) {
        // One span that cannot be encoded (an invalid date) must not take the others along.
        const sound = batch.filter((span) => quietly(() => encoding.encode([span])))
        if (sound.length < length) payloads.push(...encode(sound))
      } else if (length > 1 && body.length > MAX_BODY_BYTES) {
        // Halves, or as many parts of that size as it takes: each attempt encodes all of it again.
        payloads.push(...encode(batch, Math.ceil((length * MAX_BODY_BYTES) / body.length / 2)))
      } else payloads.push(body)
    }
    return payloads
  }

  /** After a failure one request goes first; the rest follows only if that one arrived. */
  async function sendAll(payloads: Payload[], inFlight: InFlight, budgetMs: number): Promise<boolean> {
    const post = (payload: Payload) => dispatch(payload, inFlight, budgetMs)
    const rest = slot.retained.splice(0)
    const first = rest.shift()
    rest.push(...payloads)
    if (first) {
      // The process may end meanwhile.
      const waiting = (slot.waiting ??= new Set()).add(rest)
      const arrived = await post(first)
      waiting.delete(rest)
      if (!arrived) {
        rest.forEach(retain)
        return false
      }
    }
    return (await Promise.all(rest.map(post))).every(Boolean)
  }

  return {
    send(spans, inFlight) {
      if (disabled || spans.length === 0) return
      const paused = isBreakerOpen()
      for (const payload of encode(spans)) {
        if (paused) retain(payload)
        else void dispatch(payload, inFlight)
      }
    },
    async flush(spans, inFlight, budgetMs, referenced) {
      if (disabled) return
      const waits = !isBreakerOpen() && budgetMs > 0
      const payloads = encode(spans)
      const { size } = transport.inFlight ?? inFlight
      if (!waits && (size > 0 || !transport.outlives)) return payloads.forEach(retain)
      let arrived = false
      const sending = sendAll(payloads, inFlight, budgetMs).then((result) => (arrived = result))
      if (!waits) return
      const began = Date.now()
      const inTime = await within(budgetMs, Promise.all([sending, ...inFlight]), referenced)
      if (inTime && (arrived || Date.now() - began < SLOW_MS)) slot.breaker.trips = 0
      // A budget that the deadline cut short says little about the collector.
      else if (inTime || budgetMs >= Math.min(fullBudgetMs, SLOW_MS)) trip(budgetMs)
    },
  }

  function trip(budgetMs: number): void {
    const pause = tripBreaker()
    warnOnce(
      'UO208',
      `${config.endpoint.host} did not answer within ${Math.round(budgetMs)} ms (flush.budgetMs): not waited for during ${pause / 1000} s`,
    )
  }
}

/** Keeps an undelivered batch for a later flush; the oldest go first when there are too many. */
function retain(payload: Payload): void {
  slot.retained.push(payload)
  let bytes = slot.retained.reduce((sum, kept) => sum + kept.length, 0)
  while (bytes > MAX_RETAINED_BYTES) {
    bytes -= slot.retained.shift()!.length
    warnOnce('UO209', `over ${MAX_RETAINED_BYTES} bytes undelivered: the oldest spans are dropped`)
  }
}
