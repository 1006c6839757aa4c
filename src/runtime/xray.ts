/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
import { trace, TraceFlags, type TextMapPropagator } from '@opentelemetry/api'
import { injected, textOf } from './injected.ts'

const NAME = 'x-amzn-trace-id'
/** What is between, and behind, is of load balancers. */
const HEADER = /(?:^|;)\s*Root=1-([\da-f]{8})-([\da-f]{24});(?:.*;)?\s*Parent=([\da-f]{16})(?:;|$)/i

export const xray: TextMapPropagator = {
  inject(context, carrier, setter) {
    const span = injected(context)
    if (!span) return
    const { traceId, spanId, traceFlags } = span
    const root = `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`
    setter.set(carrier, NAME, `Root=${root};Parent=${spanId};Sampled=${traceFlags & TraceFlags.SAMPLED}`)
  },
  extract(context, carrier, getter) {
    const text = textOf(getter.get(carrier, NAME)) ?? ''
    const [, time, random, parent] = HEADER.exec(text) ?? []
    if (!parent) return context
    const traceFlags = /Sampled=1/i.test(text) ? TraceFlags.SAMPLED : TraceFlags.NONE
    const traceId = `${time}${random}`.toLowerCase()
    return trace.setSpanContext(context, { traceId, spanId: parent.toLowerCase(), traceFlags, isRemote: true })
  },
  fields: () => [NAME],
}
