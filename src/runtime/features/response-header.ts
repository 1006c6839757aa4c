/** The trace's id in a header of the response, for who reports a problem: `responseHeader`. */
import { isSpanContextValid, type SpanContext } from '@opentelemetry/api'
import { aroundHeads } from '../answer-heads.ts'
import type { Setup } from '../provider.ts'

type Name = 'x-trace-id' | 'traceresponse' | 'server-timing'

export function addResponseHeader(setup: Setup, name: Name): Setup {
  return aroundHeads(setup, (head, { root }) => {
    const context = root.spanContext()
    if (head.get(name) === undefined && isSpanContextValid(context)) head.set(name, toValue(name, context))
  })
}

/** https://w3c.github.io/trace-context/#traceresponse-header, and as a metric what browsers show of it. */
function toValue(name: Name, { traceId, spanId, traceFlags }: SpanContext): string {
  if (name === 'x-trace-id') return traceId
  const value = `00-${traceId}-${spanId}-0${traceFlags & 1}`
  return name === 'traceresponse' ? value : `traceparent;desc="${value}"`
}
