/** A tracer as the SDK's, in fewer words: it throws nothing into the code that starts a span. */
import { context, isSpanContextValid, trace, TraceFlags } from '@opentelemetry/api'
import type { Attributes, Context, Link, Span, SpanOptions } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import { SamplingDecision, type IdGenerator, type Sampler } from '@opentelemetry/sdk-trace'
import { quietly } from '../../src/runtime/quietly.ts'
import { cleanAttributes, takeCuts } from './attributes.ts'
import { toLinks, type Provided } from './given.ts'
import { SpanImpl } from './span.ts'

export interface Options extends Provided {
  readonly idGenerator: IdGenerator
  /** Says whether, and nothing else. Without one a span is sampled as its parent is, and without a parent always. */
  readonly sampler: Pick<Sampler, 'shouldSample'> | undefined
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
    return start(options) ?? start() ?? noSpan()
  }

  _start(name: string, options: SpanOptions = {}, active: Context = context.active()): Span {
    const parentContext = options.root ? trace.deleteSpan(active) : active
    if (isTracingSuppressed(parentContext)) return noSpan()
    const { idGenerator, sampler, spanLimits } = this._options
    const found = trace.getSpan(parentContext)?.spanContext()
    const parent = found && isSpanContextValid(found) ? found : undefined
    const spanId = idGenerator.generateSpanId()
    const traceId = parent?.traceId ?? idGenerator.generateTraceId()
    const kind = (options.kind ?? 0) | 0
    const links = toLinks(options.links ?? [], spanLimits)
    const { attributes = {}, droppedAttributesCount = 0 } = cleanAttributes(options.attributes, spanLimits)
    const decision = sampler
      ? sampler.shouldSample(parentContext, traceId, name, kind, attributes as Attributes, links as Link[]).decision
      : parent && !(parent.traceFlags & TraceFlags.SAMPLED)
        ? SamplingDecision.NOT_RECORD
        : SamplingDecision.RECORD_AND_SAMPLED
    const spanContext = {
      traceId,
      spanId,
      traceFlags: decision >> 1,
      ...(parent?.traceState && { traceState: parent.traceState }),
    }
    if (!decision) {
      // Of what nobody records.
      takeCuts({})
      return trace.wrapSpanContext(spanContext)
    }
    return new SpanImpl(
      spanContext,
      parent,
      this.instrumentationScope,
      quietly(() => String(name)) ?? '',
      kind,
      attributes,
      droppedAttributesCount,
      links,
      options.startTime,
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

/** Of no context is one that is invalid. */
function noSpan(): Span {
  return (trace.wrapSpanContext as () => Span)()
}
