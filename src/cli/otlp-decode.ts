import { expectMessage, MAX_MESSAGES, toId, toInteger, toList, toMessage, toMs, toText } from './otlp-fields.ts'
import { readTraceRequest } from './otlp-protobuf.ts'
import { toAttributes } from './otlp-value.ts'
import type { Message } from './otlp-fields.ts'
import type { Attributes, ReceivedSpan } from './otlp-span.ts'

export type OtlpEncoding = 'json' | 'protobuf'

const OPENING_BRACE = 0x7b
const OPENING_BRACKET = 0x5b

/** The spans of an `ExportTraceServiceRequest`; throws when the body is not one. */
export function decodeSpans(body: Buffer, encoding: OtlpEncoding): ReceivedSpan[] {
  const request: unknown = encoding === 'json' ? readJson(body) : readTraceRequest(body)
  const { resourceSpans } = expectMessage(request, 'the request')
  return toList(resourceSpans, 'resourceSpans').flatMap(({ resource, scopeSpans }) => {
    const attributes = toAttributes(toMessage(resource, 'resource')['attributes'])
    return toList(scopeSpans, 'scopeSpans').flatMap(({ scope, spans }) => {
      const decodedScope = toScope(toMessage(scope, 'scope'))
      return toList(spans, 'spans').map((span) => toSpan(span, decodedScope, attributes))
    })
  })
}

function readJson(body: Buffer): unknown {
  // Before parsing, which would make millions of objects of a few megabytes. Brackets in strings count too: they are
  // few beside the limit.
  let count = 0
  for (const byte of body) if (byte === OPENING_BRACE || byte === OPENING_BRACKET) count++
  if (count > MAX_MESSAGES) throw new RangeError(`more than ${MAX_MESSAGES} objects and arrays`)
  return JSON.parse(body.toString())
}

function toSpan(span: Message, scope: ReceivedSpan['scope'], resource: Attributes): ReceivedSpan {
  const parentSpanId = toId(span['parentSpanId'], 8, 'parentSpanId')
  const status = toMessage(span['status'], 'status')
  const message = toText(status['message'], 'status.message')
  return {
    ...toSpanContext(span),
    ...(parentSpanId && { parentSpanId }),
    name: toText(span['name'], 'name'),
    kind: toInteger(span['kind'], 'kind'),
    startMs: toMs(span['startTimeUnixNano'], 'startTimeUnixNano'),
    endMs: toMs(span['endTimeUnixNano'], 'endTimeUnixNano'),
    attributes: toAttributes(span['attributes']),
    status: { code: toInteger(status['code'], 'status.code'), ...(message && { message }) },
    events: toList(span['events'], 'events').map((event) => ({
      name: toText(event['name'], 'event.name'),
      timeMs: toMs(event['timeUnixNano'], 'event.timeUnixNano'),
      attributes: toAttributes(event['attributes']),
    })),
    links: toList(span['links'], 'links').map((link) => ({
      ...toSpanContext(link),
      attributes: toAttributes(link['attributes']),
    })),
    flags: toInteger(span['flags'], 'flags'),
    scope,
    resource,
  }
}

function toSpanContext(message: Message): Pick<ReceivedSpan, 'traceId' | 'spanId' | 'traceState'> {
  const traceId = toId(message['traceId'], 16, 'traceId')
  const spanId = toId(message['spanId'], 8, 'spanId')
  if (!traceId || !spanId) throw new TypeError(`${traceId ? 'spanId' : 'traceId'} is missing`)
  const traceState = toText(message['traceState'], 'traceState')
  return { traceId, spanId, ...(traceState && { traceState }) }
}

function toScope(scope: Message): ReceivedSpan['scope'] {
  const version = toText(scope['version'], 'scope.version')
  return {
    name: toText(scope['name'], 'scope.name'),
    ...(version && { version }),
    attributes: toAttributes(scope['attributes']),
  }
}
