/** What propagators beside that of W3C have in common. */
import { isSpanContextValid, trace, type Context, type SpanContext } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'

/** What others are told. Undefined: nothing. */
export function injected(context: Context): SpanContext | undefined {
  const span = trace.getSpanContext(context)
  return span && isSpanContextValid(span) && !isTracingSuppressed(context) ? span : undefined
}

/** Of a header that may be there several times. */
export function textOf(value: unknown): string | undefined {
  const [first] = [value].flat()
  return typeof first === 'string' ? first.trim() : undefined
}
