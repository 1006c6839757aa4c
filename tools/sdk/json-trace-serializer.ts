/**
 * OTLP as JSON, as `JsonTraceSerializer` writes it, in fewer words: no other encoder uses it, and its spans are of our
 * provider only, whose scopes are one object each, and whose kinds and statuses are complete.
 */
import type { HrTime, SpanContext } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { toJson } from '../../src/runtime/json-text.ts'

type Values = Readonly<Record<string, unknown>>

export const JsonTraceSerializer = {
  serializeRequest: (spans: readonly ReadableSpan[]): Uint8Array =>
    new TextEncoder().encode(toJson({ resourceSpans: groupBy(spans, 'resource').map(toResourceSpans) })),
}

/** Groups in the order of their first spans. */
function groupBy(spans: readonly ReadableSpan[], name: 'resource' | 'instrumentationScope'): ReadableSpan[][] {
  const groups = new Map<unknown, ReadableSpan[]>()
  for (const span of spans) {
    const group = groups.get(span[name])
    if (group) group.push(span)
    else groups.set(span[name], [span])
  }
  return [...groups.values()]
}

function toResourceSpans(spans: readonly ReadableSpan[]): object {
  return {
    resource: { attributes: toAttributes(spans[0]!.resource.attributes), droppedAttributesCount: 0 },
    scopeSpans: groupBy(spans, 'instrumentationScope').map(toScopeSpans),
  }
}

function toScopeSpans(spans: readonly ReadableSpan[]): object {
  const { name, version, schemaUrl } = spans[0]!.instrumentationScope
  return { scope: { name, version }, spans: spans.map(toSpan), schemaUrl }
}

function toSpan(span: ReadableSpan): object {
  const parent = span.parentSpanContext
  const { traceId, spanId, traceState, traceFlags } = span.spanContext()
  return {
    traceId,
    spanId,
    parentSpanId: parent?.spanId,
    traceState: traceState?.serialize(),
    name: span.name,
    kind: span.kind + 1,
    startTimeUnixNano: toNanoseconds(span.startTime),
    endTimeUnixNano: toNanoseconds(span.endTime),
    attributes: toAttributes(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map(({ attributes, name, time, droppedAttributesCount = 0 }) => ({
      attributes: toAttributes(attributes),
      name,
      timeUnixNano: toNanoseconds(time),
      droppedAttributesCount,
    })),
    droppedEventsCount: span.droppedEventsCount,
    status: span.status,
    links: span.links.map(({ context, attributes, droppedAttributesCount = 0 }) => ({
      attributes: toAttributes(attributes),
      spanId: context.spanId,
      traceId: context.traceId,
      traceState: context.traceState?.serialize(),
      droppedAttributesCount,
      flags: toFlags(context.traceFlags, context),
    })),
    droppedLinksCount: span.droppedLinksCount,
    flags: toFlags(traceFlags, parent),
  }
}

/** https://github.com/open-telemetry/opentelemetry-proto: whether it is known that it is remote, and whether it is. */
function toFlags(traceFlags: number, context: SpanContext | undefined): number {
  return (traceFlags & 0xff) | (context?.isRemote ? 0x300 : 0x100)
}

/** Of what a user gave, which may have fractions. */
function toNanoseconds([seconds, nanoseconds]: HrTime): string {
  return String(BigInt(Math.trunc(seconds)) * BigInt(1e9) + BigInt(Math.trunc(nanoseconds)))
}

function toAttributes(attributes: Values = {}): object[] {
  return Object.keys(attributes).map((key) => ({ key, value: toAnyValue(attributes[key]) }))
}

function toAnyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value }
  // `1e+300` is no integer for receivers, and null is no number.
  if (typeof value === 'number')
    return Number.isSafeInteger(value)
      ? { intValue: value }
      : { doubleValue: Number.isFinite(value) ? value : String(value) }
  if (typeof value === 'boolean') return { boolValue: value }
  if (value instanceof Uint8Array) {
    return { bytesValue: btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join('')) }
  }
  // With what is missing in an array; Array.from would take ten times as long.
  if (Array.isArray(value)) return { arrayValue: { values: [...value].map(toAnyValue) } }
  return typeof value === 'object' && value ? { kvlistValue: { values: toAttributes(value as Values) } } : {}
}
