/** https://www.w3.org/TR/trace-context/ as the SDK reads and writes it, in fewer words. */
import {
  isSpanContextValid,
  trace,
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import { TraceState } from './trace-state.ts'

const TRACE_PARENT = /^\s?((?!ff)[\da-f]{2})-((?!0{32})[\da-f]{32})-((?!0{16})[\da-f]{16})-([\da-f]{2})(-.*)?\s?$/

export class W3CTraceContextPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context)
    if (!span || isTracingSuppressed(context) || !isSpanContextValid(span)) return
    const flags = Number(span.traceFlags || 0).toString(16)
    setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-0${flags}`)
    if (span.traceState) setter.set(carrier, 'tracestate', span.traceState.serialize())
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const [parent] = [getter.get(carrier, 'traceparent') as unknown].flat()
    const [, version, traceId, spanId, flags, rest] = (typeof parent === 'string' && TRACE_PARENT.exec(parent)) || []
    if (!version || (version === '00' && rest)) return context
    const state = getter.get(carrier, 'tracestate')
    const text: unknown = Array.isArray(state) ? state.join() : state
    return trace.setSpanContext(context, {
      traceId: traceId!,
      spanId: spanId!,
      traceFlags: Number.parseInt(flags!, 16),
      isRemote: true,
      ...(state ? { traceState: new TraceState(typeof text === 'string' ? text : '') } : {}),
    })
  }

  fields(): string[] {
    return ['traceparent', 'tracestate']
  }
}
