import { printableJson } from './text.ts'
import type { AttributeValue, Attributes, ReceivedSpan } from './otlp-span.ts'

/**
 * A `ReceivedSpan` each: `kind` and `status.code` as OTLP's numbers, times in milliseconds since 1970. Bytes are
 * base64, and the numbers that JSON lacks are strings.
 */
export function* toJsonLines(spans: readonly ReceivedSpan[]): Generator<string> {
  for (const { attributes, events, links, scope, resource, ...span } of spans) {
    yield printableJson({
      ...span,
      attributes: toPlain(attributes),
      events: events.map(withPlain),
      links: links.map(withPlain),
      scope: withPlain(scope),
      resource: toPlain(resource),
    })
  }
}

function withPlain<T extends { attributes: Attributes }>(part: T) {
  return { ...part, attributes: toPlain(part.attributes) }
}

function toPlain(value: AttributeValue): AttributeValue {
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (Array.isArray(value)) return value.map(toPlain)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item)]))
}
