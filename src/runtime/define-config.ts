/** `unplugin-otel/config`: what `otel.config.ts` may have. */
import type { Attributes, AttributeValue, Span } from '@opentelemetry/api'
import type {
  AnyInstrumentation,
  AnySampler,
  AnySpanExporter,
  AnySpanProcessor,
  ContextSources,
  Ended,
  ExportRequest,
  Incoming,
  LocalTrace,
  SentSpan,
} from './hook-types.ts'

export { fromBaggage, fromCookie, fromHeader, fromJwtClaim, type ContextSource } from './context-sources.ts'
export type * from './hook-types.ts'

type Awaitable<T> = T | Promise<T>
type OneOrMore<T> = T | readonly T[]

/**
 * What `otel.config.ts` exports by default. A function that throws, rejects or hangs is said once (UO240) and ignored: it
 * never reaches the handler, and delays no flush by more than `flush.budgetMs`.
 */
export interface Config {
  /**
   * Called when an invocation starts, before the handler. What it sets on the root span goes out with it. A promise is
   * waited for by the flush, `flush.budgetMs` at most; the handler does not wait.
   * @default none
   */
  readonly onStart?: OneOrMore<(span: Span, incoming: Incoming) => Awaitable<void>>
  /**
   * Called when the root span of an invocation ends: after the handler, and after the body of a response that is
   * streamed. The span still takes attributes, but nothing that comes later.
   * @default none
   */
  readonly onEnd?: OneOrMore<(span: Span, ended: Ended) => Awaitable<void>>
  /**
   * Who an invocation is for: attributes of all of its spans, by the names of `withContext`. No other host is told,
   * but those that `propagateTo.baggage` names.
   * @default none
   */
  readonly context?: ContextSources
  /**
   * Attributes of the resource, over those of variables and of the platform, and under the plugin's options. A function
   * is called once, with the first invocation.
   * @default none
   */
  readonly resource?: Attributes | (() => Attributes)
  /**
   * Processors beside ours: they get the same spans, as they are recorded (before `sampling` by the option, `redact` and
   * `beforeSend`), and `forceFlush` with each flush, within its budget. Without an endpoint ours sends nothing, and they
   * still work.
   * @default none
   */
  readonly spanProcessors?: OneOrMore<AnySpanProcessor>
  /**
   * Exporters beside ours: what is sent is sent by each of them, too, and waited for within the flush's budget. What one
   * fails to send it is not given again. Without an endpoint ours sends nothing.
   * @default none
   */
  readonly exporters?: OneOrMore<AnySpanExporter>
  /**
   * They get the tracer provider, and are enabled, with the first invocation. In a bundle those work that need no hook
   * into `require`.
   * @default none
   */
  readonly instrumentations?: OneOrMore<AnyInstrumentation>
  /**
   * Decides which spans are recorded and exported, and may add attributes. One that throws samples. With the option
   * `sampling` it decides the flag for others, in the place of the ratio.
   * @default as the parent is, and everything without one
   */
  readonly sampler?: AnySampler
  /**
   * Whether what an invocation has recorded is exported, when it ends: before `sampling`, whose word it is where this
   * gives `undefined`. It is asked of all, whatever their `sampled` flag. One that throws gives `undefined`.
   * @default none
   */
  readonly decide?: (trace: LocalTrace) => boolean | undefined
  /**
   * Headers of each export, over those of `OTEL_EXPORTER_OTLP_HEADERS`: for tokens that rotate, and signatures. Half of
   * the flush's budget is what it may take. A function that has a parameter gets the request, whose body is then not
   * compressed, so that what it signs is what is sent.
   * @default none
   */
  readonly headers?: (request: ExportRequest) => Awaitable<Readonly<Record<string, string>>>
  /**
   * Called with each attribute of what is exported: of spans, their events and links; the message of a status has the key
   * `otel.status_description`. What it returns is sent in its place, and `undefined` leaves it out, as an error does.
   * @default none
   */
  readonly redact?: (key: string, value: AttributeValue) => AttributeValue | undefined
  /**
   * Called with each span before it is exported, after `redact`. What it returns is sent in its place; `null`, or an
   * error, drops it, which a later root says in `otel.dropped_spans` (`before_send`).
   * @default none
   */
  readonly beforeSend?: (span: SentSpan) => SentSpan | null
  /**
   * Where the trace of the sender stands in an event that is not understood: an object of headers (`traceparent`,
   * `tracestate`), before those that are found.
   * @default none
   */
  readonly carrier?: (event: unknown) => object | null | undefined
  /**
   * Whether an invocation, and all in it, is left out: `true`. It gets the name and the attributes that its root would
   * have.
   * @default none
   */
  readonly ignore?: (invocation: { readonly name: string; readonly attributes: Attributes }) => boolean
}

/**
 * Gives `otel.config.ts` its types.
 * @returns what it is given
 * @example
 * ```ts
 * // otel.config.ts
 * import { defineConfig, fromHeader } from 'unplugin-otel/config'
 *
 * export default defineConfig({
 *   context: { userId: fromHeader('x-user-id') },
 *   onStart: (span, { header }) => void span.setAttribute('tenant.id', header('x-tenant') ?? 'none'),
 * })
 * ```
 */
export function defineConfig(config: Config): Config {
  return config
}
