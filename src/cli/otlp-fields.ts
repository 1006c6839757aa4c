/**
 * Reads the fields of one OTLP message, in the shape of OTLP/JSON. A missing field and null have the default of
 * protobuf; any other type than the field's throws, so nothing behind the decoder meets a value it does not expect.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export type Message = Record<string, unknown>

/**
 * In one request. 16 MB of real spans have about one million; empty messages, two bytes each, would take gigabytes.
 */
export const MAX_MESSAGES = 2_000_000

export function toMessage(value: unknown, what: string): Message {
  return value === undefined || value === null ? {} : expectMessage(value, what)
}

/** Where null has no default to stand for: the request itself, and the items of arrays. */
export function expectMessage(value: unknown, what: string): Message {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${what} is not an object`)
  }
  return value as Message
}

export function toList(value: unknown, what: string): Message[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new TypeError(`${what} is not an array`)
  for (const item of value) expectMessage(item, `an item of ${what}`)
  return value as Message[]
}

export function toText(value: unknown, what: string): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw new TypeError(`${what} is not a string`)
  return value
}

export function toInteger(value: unknown, what: string): number {
  if (value === undefined || value === null) return 0
  if (!Number.isInteger(value)) throw new TypeError(`${what} is not an integer`)
  return value as number
}

const RE_INTEGER = /^-?\d{1,20}$/

/** 64 bits are decimal strings in OTLP/JSON, numbers are accepted. */
export function toBigInt(value: unknown, what: string): bigint {
  if (value === undefined || value === null) return 0n
  if (Number.isInteger(value) || RE_INTEGER.test(String(value))) return BigInt(value as string | number)
  throw new TypeError(`${what} is not an integer`)
}

/** Through whole microseconds: nanoseconds since 1970 do not fit a double. */
export function toMs(nanoseconds: unknown, what: string): number {
  return Number(toBigInt(nanoseconds, what) / 1000n) / 1000
}

/**
 * Lower-case hex of that many bytes; base64, the usual mistake of a hand-written JSON encoder, is refused as a
 * collector refuses it. Empty where there is no id, which zeros mean too.
 */
export function toId(value: unknown, bytes: 8 | 16, what: string): string {
  const id = toText(value, what).toLowerCase()
  if (id === '' || id === '0'.repeat(bytes * 2)) return ''
  if (id.length !== bytes * 2 || !/^[\da-f]+$/.test(id)) throw new TypeError(`${what} is not ${bytes} bytes in hex`)
  return id
}
