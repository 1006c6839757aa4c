import type { IncomingHttpHeaders } from 'node:http'
import type { OtlpEncoding } from '../../src/cli/otlp-decode.ts'
import type { Attributes, ReceivedSpan, ReceivedTrace } from '../../src/cli/otlp-span.ts'
import type { Delivery } from './deliveries.ts'
import type { FaultName } from './faults.ts'
import type { Journal } from './journal.ts'

/** A fault of `faults.ts`; or a number: that status for every request, whose spans do not count as received. */
export type ReceiverMode = 'ok' | FaultName | `${number}`

export interface ReceiverChanges {
  /** Before an answer, or what is in its place. */
  delayMs?: number
  mode?: ReceiverMode
  /** The mode is over after so many attempts, and the receiver is well. @default Infinity */
  times?: number
  /** The value of `Retry-After`, sent with 429 and 503. */
  retryAfter?: string | (() => string) | undefined
}

export interface ReceiverOptions extends ReceiverChanges {
  journal?: Journal
  port?: number
  /** A private key and a certificate, as PEM: `url` is an https one. */
  tls?: string
}

export interface OtlpRequest {
  /** When its head arrived, on the journal's clock. */
  at: number
  headers: IncomingHttpHeaders
  encoding: OtlpEncoding
  gzip: boolean
  /** Of the body as sent. */
  bytes: number
  /** Undefined while it is not answered. */
  status?: number
  /** Of the first span; the spans have their own each. */
  resource: Attributes
  spans: ReceivedSpan[]
}

export interface Receiver {
  /** `http://127.0.0.1:<port>`, without `/v1/traces`. */
  readonly url: string
  /** Those whose whole body is there. */
  readonly requests: OtlpRequest[]
  /** Requests of which the head is there, and connections that broke before. Nobody counts those that are refused. */
  readonly attempts: number
  /** Of the requests that were accepted, in order of arrival, duplicates included. */
  readonly spans: ReceivedSpan[]
  /** What became of each span, by `<trace id>/<span id>`, also of those that were not accepted. */
  readonly deliveries: ReadonlyMap<string, Delivery>
  /** The heads of requests that followed a redirect to another origin. */
  readonly redirected: readonly IncomingHttpHeaders[]
  set(changes: ReceiverChanges): Promise<void>
  /** Breaks the connections without a request, as a load balancer does while a function is frozen. @default 'FIN' */
  dropIdleSockets(how?: 'FIN' | 'RST'): void
  traces(): ReceivedTrace[]
  waitForSpans(count: number, timeoutMs?: number): Promise<ReceivedSpan[]>
  reset(): void
  stop(): Promise<void>
}
