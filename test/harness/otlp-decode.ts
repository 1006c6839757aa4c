import { gunzipSync } from 'node:zlib'
import { readTraceRequest } from './otlp-protobuf.ts'
import type { AttributeValue, Attributes, ReceivedSpan } from './otlp-span.ts'

export type OtlpEncoding = 'json' | 'protobuf'

/** The spans of an `ExportTraceServiceRequest`; throws when the body is not one. */
export function decodeSpans(body: Buffer, encoding: OtlpEncoding, gzip: boolean): ReceivedSpan[] {
  const bytes = gzip ? gunzipSync(body) : body
  const request = encoding === 'json' ? JSON.parse(bytes.toString()) : readTraceRequest(bytes)
  return toSpans(request as TraceRequest)
}

// The fields of OTLP/JSON that are read. Every one may be missing: protobuf leaves out defaults.
interface TraceRequest {
  resourceSpans?: { resource?: { attributes?: KeyValue[] }; scopeSpans?: ScopeSpans[] }[]
}
interface ScopeSpans {
  scope?: { name?: string; version?: string; attributes?: KeyValue[] }
  spans?: OtlpSpan[]
}
interface OtlpSpan {
  traceId: string
  spanId: string
  traceState?: string
  parentSpanId?: string
  name?: string
  kind?: number
  startTimeUnixNano?: string | number
  endTimeUnixNano?: string | number
  attributes?: KeyValue[]
  events?: { timeUnixNano?: string | number; name?: string; attributes?: KeyValue[] }[]
  links?: OtlpLink[]
  status?: { code?: number; message?: string }
  flags?: number
}
interface OtlpLink {
  traceId: string
  spanId: string
  traceState?: string
  attributes?: KeyValue[]
}
interface KeyValue {
  key: string
  value?: AnyValue
}
interface AnyValue {
  stringValue?: string
  boolValue?: boolean
  intValue?: string | number
  doubleValue?: number
  arrayValue?: { values?: AnyValue[] }
  kvlistValue?: { values?: KeyValue[] }
  bytesValue?: string
}

const RE_TRACE_ID = /^[\da-f]{32}$/
const RE_SPAN_ID = /^[\da-f]{16}$/

function toSpans(request: TraceRequest): ReceivedSpan[] {
  return (request.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) => {
    const resourceAttributes = toAttributes(resource?.attributes)
    return scopeSpans.flatMap(({ scope, spans = [] }) => spans.map((span) => toSpan(span, scope, resourceAttributes)))
  })
}

function toSpan(span: OtlpSpan, scope: ScopeSpans['scope'], resource: Attributes): ReceivedSpan {
  // Base64 ids, the usual mistake of a hand-written JSON encoder, are refused as a collector refuses them.
  if (!RE_TRACE_ID.test(span.traceId) || !RE_SPAN_ID.test(span.spanId)) {
    throw new TypeError(`not a span context: ${span.traceId} ${span.spanId}`)
  }
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId && { parentSpanId: span.parentSpanId }),
    name: span.name ?? '',
    kind: span.kind ?? 0,
    startMs: toMs(span.startTimeUnixNano),
    endMs: toMs(span.endTimeUnixNano),
    attributes: toAttributes(span.attributes),
    status: {
      code: span.status?.code ?? 0,
      ...(span.status?.message && { message: span.status.message }),
    },
    events: (span.events ?? []).map((event) => ({
      name: event.name ?? '',
      timeMs: toMs(event.timeUnixNano),
      attributes: toAttributes(event.attributes),
    })),
    links: (span.links ?? []).map(toLink),
    ...(span.traceState && { traceState: span.traceState }),
    flags: span.flags ?? 0,
    scope: {
      name: scope?.name ?? '',
      ...(scope?.version && { version: scope.version }),
      attributes: toAttributes(scope?.attributes),
    },
    resource,
  }
}

function toLink(link: OtlpLink): ReceivedSpan['links'][number] {
  return {
    traceId: link.traceId,
    spanId: link.spanId,
    ...(link.traceState && { traceState: link.traceState }),
    attributes: toAttributes(link.attributes),
  }
}

function toAttributes(keyValues: KeyValue[] = []): Attributes {
  return Object.fromEntries(keyValues.map(({ key, value }) => [key, toValue(value)]))
}

function toValue(value: AnyValue = {}): AttributeValue {
  if (value.stringValue !== undefined) return value.stringValue
  if (value.boolValue !== undefined) return value.boolValue
  if (value.intValue !== undefined) return Number(value.intValue)
  if (value.doubleValue !== undefined) return value.doubleValue
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(toValue)
  if (value.kvlistValue) return toAttributes(value.kvlistValue.values)
  if (value.bytesValue !== undefined) return Buffer.from(value.bytesValue, 'base64')
  return null
}

/** Through whole microseconds: nanoseconds since 1970 do not fit a double. */
function toMs(nanoseconds: string | number = 0): number {
  return Number(BigInt(nanoseconds) / 1000n) / 1000
}
