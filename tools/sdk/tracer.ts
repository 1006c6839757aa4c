/** A tracer as the SDK's, in fewer words: it throws nothing into the code that starts a span. */
import { context, INVALID_SPAN_CONTEXT, isSpanContextValid, trace } from '@opentelemetry/api'
import type { Context, Span, SpanOptions } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import type { IdGenerator } from '@opentelemetry/sdk-trace'
import { quietly } from '../../src/runtime/quietly.ts'
import { cleanAttributes, takeCuts } from './attributes.ts'
import { toLinks, type Provided } from './given.ts'
import { SpanImpl } from './span.ts'

export interface Options extends Provided {
  readonly idGenerator: IdGenerator
  /** Ours says whether, and nothing else. */
  readonly sampler: { shouldSample(...args: unknown[]): { readonly decision: number } }
}
type Run = (span: Span) => unknown

export class Tracer {
  declare readonly instrumentationScope: unknown
  declare readonly _options: Options

  constructor(scope: unknown, options: Options) {
    this.instrumentationScope = scope
    this._options = options
  }

  startSpan(name: string, options?: SpanOptions, parent?: Context): Span {
    const start = (given?: SpanOptions) => quietly(() => this._start(name, given, parent))
    return start(options) ?? start() ?? trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
  }

  _start(name: string, options: SpanOptions = {}, active: Context = context.active()): Span {
    const parentContext = options.root ? trace.deleteSpan(active) : active
    if (isTracingSuppressed(parentContext)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
    const { idGenerator, sampler, spanLimits } = this._options
    const found = trace.getSpan(parentContext)?.spanContext()
    const parent = found && isSpanContextValid(found) ? found : undefined
    const spanId = idGenerator.generateSpanId()
    const traceId = parent?.traceId ?? idGenerator.generateTraceId()
    const kind = (options.kind ?? 0) | 0
    const links = toLinks(options.links ?? [], spanLimits)
    const { attributes = {}, droppedAttributesCount = 0 } = cleanAttributes(options.attributes, spanLimits)
    const { decision } = sampler.shouldSample(parentContext, traceId, name, kind, attributes, links)
    const spanContext = {
      traceId,
      spanId,
      traceFlags: decision && 1,
      ...(parent?.traceState && { traceState: parent.traceState }),
    }
    if (!decision) {
      // Of what nobody records.
      takeCuts({})
      return trace.wrapSpanContext(spanContext)
    }
    const { startTime } = options
    const scope = this.instrumentationScope
    return new SpanImpl(
      {
        spanContext,
        parent,
        scope,
        name: quietly(() => String(name)) ?? '',
        kind,
        attributes,
        dropped: droppedAttributesCount,
        links,
        startTime,
      },
      this._options,
      parentContext,
    ) as unknown as Span
  }

  startActiveSpan(name: string, ...rest: unknown[]): unknown {
    if (rest.length === 0) return undefined
    const run = rest.pop() as Run
    const [options, given] = rest as [SpanOptions?, Context?]
    const parent = given ?? context.active()
    const span = this.startSpan(name, options, parent)
    return context.with(trace.setSpan(parent, span), run, undefined, span)
  }
}
