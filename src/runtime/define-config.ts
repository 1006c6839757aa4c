/** `unplugin-otel/config`: the types of `otel.config.ts`. */
import type { Span } from '@opentelemetry/api'
import type { HandlerMeta } from '../contract.ts'

/** One call of a handler, as a hook sees it. */
export interface Incoming {
  /** Of the build: `aws-lambda`, `cloudflare`, … */
  readonly platform: string
  /** Where the handler is in the source. */
  readonly handler: HandlerMeta
  /** What the handler is called with. */
  readonly args: readonly unknown[]
  /** The first of `args`: an event, a batch, a `Request`, Node's request. */
  readonly event: unknown
  /**
   * What has headers: a `Request`, Node's request, an event of API Gateway, a load balancer or a function URL. Undefined
   * where the handler is not called by HTTP.
   */
  readonly request: { readonly headers: unknown } | undefined
  /**
   * A header of the request, whatever kind of request it is.
   * @param name in any case of letters
   * @returns undefined where there is none; several of a name are joined by `, `
   */
  header(name: string): string | undefined
}

/** How an invocation ended, when its root span ends. */
export interface Ended extends Incoming {
  /** What the handler returned, awaited; undefined while it has not, by a callback for one. */
  readonly response: unknown
  /** What it threw. */
  readonly error: unknown
  /** `error.type` of the root; undefined: it is no error. */
  readonly errorType: string | undefined
}

/** A request of an export, before it is sent. */
export interface ExportRequest {
  readonly url: string
  /** As it is sent. */
  readonly body: Uint8Array
  readonly contentType: string
}

type Awaitable<T> = T | Promise<T>
type OneOrMore<T> = T | readonly T[]

/** What `otel.config.ts` exports by default. A function that throws, rejects or hangs is said once (UO240) and ignored. */
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
  readonly onEnd?: OneOrMore<(span: Span, ended: Ended) => void>
  /**
   * Headers of each export, over those of `OTEL_EXPORTER_OTLP_HEADERS`: for tokens that rotate, and signatures. Half of
   * the flush's budget is what it may take. A function that has a parameter gets the request, whose body is then not
   * compressed, so that what it signs is what is sent.
   * @default none
   */
  readonly headers?: (request: ExportRequest) => Awaitable<Readonly<Record<string, string>>>
}

/**
 * Gives `otel.config.ts` its types.
 * @returns what it is given
 * @example
 * ```ts
 * // otel.config.ts
 * import { defineConfig } from 'unplugin-otel/config'
 *
 * export default defineConfig({
 *   onStart: (span, { header }) => void span.setAttribute('tenant.id', header('x-tenant') ?? 'none'),
 * })
 * ```
 */
export function defineConfig(config: Config): Config {
  return config
}
