/** What became of a request, and what follows from it. */
import type { Config } from './config.ts'
import type { Reason } from './dropped.ts'
import type { Encoding } from './encode.ts'
import { masked } from './masked.ts'
import { warnOnce } from './quietly.ts'

/** Each has a status of its own: `in` would ask `Object.prototype`, too. */
export type Delivery =
  /** `text`: the answer, or the beginning of it, a character a byte. */
  { readonly status: number; readonly text: string; readonly retryAfter: string | null | undefined } | Failure

export interface Failure {
  readonly status: undefined
  readonly error: Error
  /** Nothing listens there. */
  readonly refused: boolean
  /** Why it is not sent again. */
  readonly final: 'no_answer' | 'headers' | undefined
}

export type Verdict =
  /** `rejected`: how many spans the collector did not take. */
  | { readonly fate: 'arrived'; readonly rejected: number }
  /** They are sent again, by the next flush or after `retryMs`; `apart`: in smaller requests. */
  | { readonly fate: 'kept'; readonly retryMs?: number | undefined; readonly apart?: true }
  | { readonly fate: 'lost'; readonly reason: Reason }

/** Answers that the specification allows to retry: https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const RETRYABLE = /^(429|50[234])$/
/** Unless the answer says when. */
const RETRY_MS = 100

/**
 * Says it, too, once per cause.
 * @param isJoined whether it was a request of several batches
 */
export function judge(delivery: Delivery, config: Config, encoding: Encoding, isJoined: boolean): Verdict {
  const { host } = config.endpoint
  if (delivery.status === undefined) {
    const { error, final } = delivery
    const fate = final ? 'lost' : 'kept and sent later'
    warnOnce('UO205', `${host} is not reached (${masked(error?.message, config)}): spans are ${fate}`)
    return final ? { fate: 'lost', reason: final } : { fate: 'kept' }
  }
  const { status, text, retryAfter } = delivery
  if (RETRYABLE.test(`${status}`)) {
    warnOnce('UO205', `${host} answered ${status}: spans are kept and sent later`)
    return { fate: 'kept', retryMs: toMs(retryAfter) ?? RETRY_MS }
  }
  // Too large, or one of them is not as it should be: the others must not go with it.
  if (isJoined && (status === 400 || status === 413)) return { fate: 'kept', apart: true }
  // A page is no receiver's answer. In protobuf the same may be two lengths, and a field follows.
  const isPage = /^\s*<[!?a-z]/i.test(text)
  if (status >= 300 || isPage) {
    const remedy = remedyOf(status, text, encoding.protocol)
    warnOnce('UO206', `${host} answered ${status}${remedy}: spans are lost`)
    return { fate: 'lost', reason: status < 300 ? 'not_otlp' : `${status}` }
  }
  const rejected = encoding.rejected(text)
  if (rejected > 0) warnOnce('UO207', masked(text.slice(0, 400).replace(/[^ -~]+/g, ' '), config))
  return { fate: 'arrived', rejected }
}

function remedyOf(status: number, text: string, protocol: Encoding['protocol']): string {
  if (status < 400 || status === 404) return ': check the path of OTEL_EXPORTER_OTLP_ENDPOINT'
  if (status === 401 || status === 403) return ': check OTEL_EXPORTER_OTLP_HEADERS'
  if (status === 415 || (status === 400 && /proto|json|unmarshal|content.?type|invalid character/i.test(text))) {
    return ` to ${protocol}: set protocol: '${protocol === 'http/json' ? 'http/protobuf' : 'http/json'}' in otel()`
  }
  return ''
}

/** Seconds, or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function toMs(retryAfter: string | null | undefined): number | undefined {
  const ms = retryAfter ? 1000 * Number(retryAfter) || Date.parse(retryAfter) - Date.now() : NaN
  return ms >= 0 ? ms : undefined
}
