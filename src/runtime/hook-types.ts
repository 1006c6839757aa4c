/** What functions of `otel.config.ts` are given, and what of others it may have. */
import type {
  Attributes,
  AttributeValue,
  Context,
  SpanContext,
  SpanKind,
  SpanStatus,
  TracerProvider,
} from '@opentelemetry/api'
import type { HandlerMeta } from '../contract.ts'
import type { UserContext } from './manual/user-context.ts'

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
   * where the handler is not called by HTTP. A route of Next's App Router is not static any more once it is read.
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
  /**
   * What the handler returned, awaited; undefined while it has not, by a callback for one. Its body is the caller's: who
   * reads it takes it away.
   */
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

/** A span that has been recorded, as the SDK has it. */
export interface RecordedSpan {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: Attributes
  readonly status: SpanStatus
  /** Seconds and nanoseconds. */
  readonly duration: readonly [number, number]
  spanContext(): SpanContext
}

/** What one invocation has recorded: in this process, and of a trace that may go on elsewhere. */
export interface LocalTrace {
  readonly root: RecordedSpan
  /** Those that have ended, the root with them. */
  readonly spans: readonly RecordedSpan[]
}

/** A span that has ended, as plain data. What is not `readonly` may be changed. */
export interface SentSpan {
  name: string
  readonly kind: SpanKind
  /** Hexadecimal digits: 32, and 16 of a span. */
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  /** Milliseconds since the epoch. */
  readonly startTime: number
  readonly durationMs: number
  attributes: Attributes
  /** `time` in milliseconds since the epoch. */
  events: { name: string; readonly time: number; attributes?: Attributes }[]
  readonly links: readonly { readonly traceId: string; readonly spanId: string; readonly attributes: Attributes }[]
  status: SpanStatus
  /** That all spans of the process share. */
  readonly resource: Attributes
  /** The name of the library that made it. */
  readonly scope: string
}

/** A `SpanProcessor` of `@opentelemetry/sdk-trace` 3.x or `@opentelemetry/sdk-trace-base` 2.x. */
export interface AnySpanProcessor {
  onStart(span: never, parentContext: Context): void
  onEnding?(span: never): void
  onEnd(span: never): void
  forceFlush(): Promise<void>
  shutdown(): Promise<void>
}

/** A `SpanExporter` of `@opentelemetry/sdk-trace` 3.x or `@opentelemetry/sdk-trace-base` 2.x. */
export interface AnySpanExporter {
  export(spans: never, resultCallback: (result: { code: number; error?: Error }) => void): void
  forceFlush?(): Promise<void>
  shutdown(): Promise<void>
}

/** A `Sampler` of the same packages. */
export interface AnySampler {
  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: never,
  ): { decision: 0 | 1 | 2; attributes?: Readonly<Attributes> }
}

/** An `Instrumentation` of `@opentelemetry/instrumentation`. */
export interface AnyInstrumentation {
  setTracerProvider(provider: TracerProvider): void
  enable(): void
}

type ValueSource<Value> = (incoming: Incoming) => Value | undefined
type IdSource = ValueSource<string | number>

/** Where each part of the context of a user is found; or a function that gives all of it. */
export type ContextSources =
  | ((incoming: Incoming) => UserContext)
  | {
      /** `user.id` */
      readonly userId?: IdSource
      /** `session.id` */
      readonly sessionId?: IdSource
      /** `gen_ai.conversation.id` */
      readonly conversationId?: IdSource
      /** `group.<kind>` each */
      readonly groups?: Readonly<Record<string, IdSource>>
      /** `metadata.<key>` each */
      readonly metadata?: Readonly<Record<string, ValueSource<AttributeValue>>>
    }
