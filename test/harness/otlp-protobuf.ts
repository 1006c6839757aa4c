/**
 * A reader for `ExportTraceServiceRequest` in protobuf. It gives the shape of OTLP/JSON, so that one decoder serves
 * both. The official packages only encode.
 * https://protobuf.dev/programming-guides/encoding/ and opentelemetry/proto/trace/v1/trace.proto
 */
export function readTraceRequest(bytes: Buffer): object {
  return readMessage(bytes, MESSAGES.request)
}

type Scalar = 'string' | 'bool' | 'int' | 'enum' | 'double' | 'fixed64' | 'fixed32' | 'id' | 'bytes'
type Field = [name: string, type: Scalar | keyof typeof MESSAGES, repeated?: true]
type Message = Record<number, Field>

const KEY_VALUES = ['keyValue', true] as const

// Field numbers from the .proto files; fields that the harness does not show are skipped like unknown ones.
const MESSAGES = {
  request: { 1: ['resourceSpans', 'resourceSpans', true] },
  resourceSpans: { 1: ['resource', 'resource'], 2: ['scopeSpans', 'scopeSpans', true] },
  resource: { 1: ['attributes', ...KEY_VALUES] },
  scopeSpans: { 1: ['scope', 'scope'], 2: ['spans', 'span', true] },
  scope: { 1: ['name', 'string'], 2: ['version', 'string'], 3: ['attributes', ...KEY_VALUES] },
  span: {
    1: ['traceId', 'id'],
    2: ['spanId', 'id'],
    3: ['traceState', 'string'],
    4: ['parentSpanId', 'id'],
    5: ['name', 'string'],
    6: ['kind', 'enum'],
    7: ['startTimeUnixNano', 'fixed64'],
    8: ['endTimeUnixNano', 'fixed64'],
    9: ['attributes', ...KEY_VALUES],
    11: ['events', 'event', true],
    13: ['links', 'link', true],
    15: ['status', 'status'],
    16: ['flags', 'fixed32'],
  },
  event: {
    1: ['timeUnixNano', 'fixed64'],
    2: ['name', 'string'],
    3: ['attributes', ...KEY_VALUES],
  },
  link: {
    1: ['traceId', 'id'],
    2: ['spanId', 'id'],
    3: ['traceState', 'string'],
    4: ['attributes', ...KEY_VALUES],
  },
  status: { 2: ['message', 'string'], 3: ['code', 'enum'] },
  keyValue: { 1: ['key', 'string'], 2: ['value', 'anyValue'] },
  anyValue: {
    1: ['stringValue', 'string'],
    2: ['boolValue', 'bool'],
    3: ['intValue', 'int'],
    4: ['doubleValue', 'double'],
    5: ['arrayValue', 'arrayValue'],
    6: ['kvlistValue', 'keyValueList'],
    7: ['bytesValue', 'bytes'],
  },
  arrayValue: { 1: ['values', 'anyValue', true] },
  keyValueList: { 1: ['values', ...KEY_VALUES] },
} as const satisfies Record<string, Record<number, readonly [string, string, true?]>>

const VARINT = 0
const FIXED64 = 1
const LENGTH_DELIMITED = 2
const FIXED32 = 5

function readMessage(bytes: Buffer, message: object): object {
  const result: Record<string, unknown> = {}
  let at = 0
  while (at < bytes.length) {
    const [tag, afterTag] = readVarint(bytes, at)
    const [raw, end] = readRaw(bytes, afterTag, Number(tag & 7n))
    at = end
    const field = (message as Message)[Number(tag >> 3n)]
    if (!field) continue
    const [name, type, repeated] = field
    const value = convert(raw, type)
    if (repeated) ((result[name] ??= []) as unknown[]).push(value)
    else result[name] = value
  }
  return result
}

/** The bytes of a field, or the number of a varint, and where it ends. */
function readRaw(bytes: Buffer, at: number, wireType: number): [raw: Buffer | bigint, end: number] {
  if (wireType === VARINT) return readVarint(bytes, at)
  if (wireType === FIXED64) return slice(bytes, at, 8)
  if (wireType === FIXED32) return slice(bytes, at, 4)
  if (wireType !== LENGTH_DELIMITED) throw new Error(`protobuf: wire type ${wireType} at ${at}`)
  const [length, start] = readVarint(bytes, at)
  return slice(bytes, start, Number(length))
}

function slice(bytes: Buffer, at: number, length: number): [Buffer, number] {
  if (at + length > bytes.length) throw new Error(`protobuf: truncated at ${at}`)
  return [bytes.subarray(at, at + length), at + length]
}

function readVarint(bytes: Buffer, start: number): [value: bigint, end: number] {
  let value = 0n
  for (let at = start; at < start + 10; at++) {
    const byte = bytes[at]
    if (byte === undefined) throw new Error(`protobuf: truncated at ${at}`)
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - start))
    if (byte < 0x80) return [value, at + 1]
  }
  throw new Error(`protobuf: varint too long at ${start}`)
}

function convert(raw: Buffer | bigint, type: Field[1]): unknown {
  if (typeof raw === 'bigint') {
    if (type === 'bool') return raw !== 0n
    if (type === 'enum') return Number(raw)
    if (type === 'int') return String(BigInt.asIntN(64, raw))
    throw new Error(`protobuf: a number where ${type} belongs`)
  }
  if (type === 'string') return raw.toString()
  if (type === 'id') return raw.toString('hex')
  if (type === 'bytes') return raw.toString('base64')
  if (type === 'double') return raw.readDoubleLE()
  if (type === 'fixed64') return String(raw.readBigUInt64LE())
  if (type === 'fixed32') return raw.readUInt32LE()
  if (type in MESSAGES) return readMessage(raw, MESSAGES[type as keyof typeof MESSAGES])
  throw new Error(`protobuf: bytes where ${type} belongs`)
}
