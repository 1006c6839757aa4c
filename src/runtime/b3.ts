/** Zipkin's B3 headers: https://github.com/openzipkin/b3-propagation */
import { trace, TraceFlags, type SpanContext, type TextMapPropagator } from '@opentelemetry/api'
import { injected, textOf } from './injected.ts'

const SINGLE = /^([\da-f]{16}|[\da-f]{32})-([\da-f]{16})(?:-([01d]))?(?:-[\da-f]{16})?$/i

/** Sampled where nobody says: the decision is the receiver's, and ours is to record. */
function toContext(traceId: string, spanId: string, sampled = '1'): SpanContext {
  const traceFlags = /^(1|d|true)$/i.test(sampled) ? TraceFlags.SAMPLED : TraceFlags.NONE
  return { traceId: traceId.toLowerCase().padStart(32, '0'), spanId: spanId.toLowerCase(), traceFlags, isRemote: true }
}

/** Both forms are read, whichever is written. */
export function createB3(isMulti: boolean): TextMapPropagator {
  return {
    inject(context, carrier, setter) {
      const span = injected(context)
      if (!span) return
      const sampled = String(span.traceFlags & TraceFlags.SAMPLED)
      if (!isMulti) return setter.set(carrier, 'b3', `${span.traceId}-${span.spanId}-${sampled}`)
      setter.set(carrier, 'x-b3-traceid', span.traceId)
      setter.set(carrier, 'x-b3-spanid', span.spanId)
      setter.set(carrier, 'x-b3-sampled', sampled)
    },
    extract(context, carrier, getter) {
      const get = (name: string) => textOf(getter.get(carrier, name))
      const [, traceId, spanId, sampled] =
        SINGLE.exec(
          get('b3') ??
            [get('x-b3-traceid'), get('x-b3-spanid'), get('x-b3-flags') === '1' ? 'd' : bitOf(get('x-b3-sampled'))]
              .filter(Boolean)
              .join('-'),
        ) ?? []
      return traceId ? trace.setSpanContext(context, toContext(traceId, spanId!, sampled)) : context
    },
    fields: () => (isMulti ? ['x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled'] : ['b3']),
  }
}

/** Older senders have words. */
function bitOf(sampled: string | undefined): string | undefined {
  return sampled && (/^(1|true)$/i.test(sampled) ? '1' : '0')
}
