import { MAX_MESSAGES } from './otlp-fields.ts'

/**
 * A reader for `ExportTraceServiceRequest` in protobuf. It gives the shape of OTLP/JSON, so that one decoder serves
 * both. The official packages only encode.
 * https://protobuf.dev/programming-guides/encoding/ and opentelemetry/proto/trace/v1/trace.proto
 */
export function readTraceRequest(bytes: Buffer): object {
  return readMessage({ bytes, at: 0, depth: 1, count: { messages: 0 } }, MESSAGES.request)
}

type Scalar = 'string' | 'bool' | 'int' | 'enum' | 'double' | 'fixed64' | 'fixed32' | 'id' | 'bytes'
type Field = [name: string, type: Scalar | keyof typeof MESSAGES, repeated?: true]
type Fields = Record<number, Field>

const KEY_VALUES = ['keyValue', true] as const

// Field numbers from the .proto files; fields that we do not show are skipped like unknown ones.
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

/** Protobuf's own limit, in every official implementation. */
const MAX_DEPTH = 100

interface Reader {
  readonly bytes: Buffer
  at: number
  readonly depth: number
  /** Of all readers of the request. */
  readonly count: { messages: number }
}

function readMessage(reader: Reader, message: object): Record<string, unknown> {
  if (reader.depth > MAX_DEPTH) throw new RangeError(`protobuf: messages are nested more than ${MAX_DEPTH} deep`)
  if (++reader.count.messages > MAX_MESSAGES) throw new RangeError(`more than ${MAX_MESSAGES} messages`)
  const result: Record<string, unknown> = {}
  while (reader.at < reader.bytes.length) {
    const tag = readNumber(reader)
    const raw = readRaw(reader, tag % 8)
    const field = (message as Fields)[Math.floor(tag / 8)]
    if (!field) continue
    const [name, type, repeated] = field
    const value = convert(raw, type, reader)
    if (repeated) ((result[name] ??= []) as unknown[]).push(value)
    else result[name] = value
  }
  return result
}

/** The bytes of a field, or the number of a varint. */
function readRaw(reader: Reader, wireType: number): Buffer | bigint {
  if (wireType === VARINT) return readVarint(reader)
  if (wireType === FIXED64) return take(reader, 8)
  if (wireType === FIXED32) return take(reader, 4)
  if (wireType === LENGTH_DELIMITED) return take(reader, readNumber(reader))
  throw new Error(`protobuf: wire type ${wireType} before ${reader.at}`)
}

function take(reader: Reader, length: number): Buffer {
  const end = reader.at + length
  if (end > reader.bytes.length) throw new Error(`protobuf: truncated at ${reader.at}`)
  const taken = reader.bytes.subarray(reader.at, end)
  reader.at = end
  return taken
}

/** A tag or a length. Nearly all are one byte, for which a bigint would be made only to be converted. */
function readNumber(reader: Reader): number {
  const byte = reader.bytes[reader.at]
  if (byte === undefined || byte >= 0x80) return Number(readVarint(reader))
  reader.at++
  return byte
}

function readVarint(reader: Reader): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at++]
    if (byte === undefined) throw new Error(`protobuf: truncated at ${reader.bytes.length}`)
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return value
  }
  throw new Error(`protobuf: varint too long before ${reader.at}`)
}

function convert(raw: Buffer | bigint, type: Field[1], { depth, count }: Reader): unknown {
  if (typeof raw === 'bigint') {
    if (type === 'bool') return raw !== 0n
    if (type === 'enum') return Number(BigInt.asIntN(32, raw))
    if (type === 'int') return String(BigInt.asIntN(64, raw))
    throw new Error(`protobuf: a number where ${type} belongs`)
  }
  if (type === 'string') return raw.toString()
  if (type === 'id') return raw.toString('hex')
  if (type === 'bytes') return raw.toString('base64')
  if (type === 'double' && raw.length === 8) return raw.readDoubleLE()
  if (type === 'fixed64' && raw.length === 8) return String(raw.readBigUInt64LE())
  if (type === 'fixed32' && raw.length === 4) return raw.readUInt32LE()
  if (type in MESSAGES) {
    return readMessage({ bytes: raw, at: 0, depth: depth + 1, count }, MESSAGES[type as keyof typeof MESSAGES])
  }
  throw new Error(`protobuf: ${raw.length} bytes where ${type} belongs`)
}
