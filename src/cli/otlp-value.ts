import { toBigInt, toList, toMessage, toText } from './otlp-fields.ts'
import type { Message } from './otlp-fields.ts'
import type { AttributeValue, Attributes } from './otlp-span.ts'

/** Values in values; protobuf's own limit for messages in messages. */
const MAX_DEPTH = 100

export function toAttributes(keyValues: unknown, depth = 0): Attributes {
  return Object.fromEntries(toEntries(toList(keyValues, 'attributes'), depth))
}

// One at a time: pairs for all of a request's attributes would be as large as the request again.
function* toEntries(keyValues: Message[], depth: number): Generator<[string, AttributeValue]> {
  for (const { key, value } of keyValues) yield [toText(key, 'key'), toValue(toMessage(value, 'value'), depth)]
}

/** An `AnyValue`. Empty ones and kinds that we do not know are null. */
function toValue(value: Message, depth: number): AttributeValue {
  if (depth > MAX_DEPTH) throw new RangeError(`values are nested more than ${MAX_DEPTH} deep`)
  for (const [kind, content] of Object.entries(value)) {
    if (content === null || content === undefined || !Object.hasOwn(READERS, kind)) continue
    return READERS[kind as keyof typeof READERS](content, depth + 1)
  }
  return null
}

const READERS = {
  stringValue: (content) => toText(content, 'stringValue'),
  boolValue(content) {
    if (typeof content !== 'boolean') throw new TypeError('boolValue is not a boolean')
    return content
  },
  intValue(content) {
    const integer = toBigInt(content, 'intValue')
    return Number.isSafeInteger(Number(integer)) ? Number(integer) : String(integer)
  },
  doubleValue(content) {
    // JSON has no literals for these three; protobuf's mapping writes them as strings.
    if (typeof content === 'number' || ['NaN', 'Infinity', '-Infinity'].includes(content as string)) {
      return Number(content)
    }
    throw new TypeError('doubleValue is not a number')
  },
  arrayValue: (content, depth) =>
    toList(toMessage(content, 'arrayValue')['values'], 'values').map((item) => toValue(item, depth)),
  kvlistValue: (content, depth) => toAttributes(toMessage(content, 'kvlistValue')['values'], depth),
  bytesValue: (content) => Buffer.from(toText(content, 'bytesValue'), 'base64'),
} satisfies Record<string, (content: unknown, depth: number) => AttributeValue>
