import { expect, test } from 'vitest'
import { decodeSpans } from '../../src/cli/otlp-decode.ts'
import { toTraces } from '../../src/cli/otlp-span.ts'
import { oneSpan } from './send.ts'
import { span } from './spans.ts'

const json = (text: string) => decodeSpans(Buffer.from(text), 'json')
const decodeOne = (fields: object) => json(oneSpan(fields))[0]!

test('null and missing fields have their defaults, unknown ones are ignored', () => {
  expect(json('{"resourceSpans":null}')).toEqual([])
  expect(json('{"resourceMetrics":[]}')).toEqual([])
  const nulls = { name: null, kind: null, attributes: null, events: null, links: null, status: null, flags: null }
  expect(decodeOne({ ...nulls, parentSpanId: null, novel: { a: 1 } })).toEqual({
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    name: '',
    kind: 0,
    startMs: 0,
    endMs: 0,
    attributes: {},
    status: { code: 0 },
    events: [],
    links: [],
    flags: 0,
    scope: { name: '', attributes: {} },
    resource: {},
  })
})

test('ids: hex of either case, zeros are none', () => {
  expect(decodeOne({ spanId: 'ABCDEF0123456789' }).spanId).toBe('abcdef0123456789')
  expect(decodeOne({ parentSpanId: '0'.repeat(16) })).not.toHaveProperty('parentSpanId')
  expect(() => decodeOne({ spanId: '0'.repeat(16) })).toThrow('spanId is missing')
  for (const wrong of ['', 'z'.repeat(32), 'a'.repeat(31), `${'a'.repeat(32)}\n`, 'qqqqqqqqqqqqqqqqqqqqqg==', 1]) {
    expect(() => decodeOne({ traceId: wrong })).toThrow(/^traceId is /)
  }
  expect(() => decodeOne({ parentSpanId: 'x' })).toThrow('parentSpanId is not 8 bytes in hex')
  expect(() => decodeOne({ links: [{ traceId: 'x' }] })).toThrow('traceId is not 16 bytes in hex')
})

test('values: every kind, numbers that a double cannot hold, names of the prototype', () => {
  const values = {
    none: undefined,
    empty: {},
    novel: { novelValue: 1 },
    nothing: { stringValue: null },
    big: { intValue: '9007199254740993' },
    small: { intValue: -7 },
    real: { doubleValue: 0.5 },
    nan: { doubleValue: 'NaN' },
    bytes: { bytesValue: 'AQI=' },
    list: { arrayValue: { values: [{ boolValue: false }, {}] } },
    map: { kvlistValue: { values: [{ key: 'a', value: { stringValue: 'b' } }] } },
    emptyList: { arrayValue: {} },
    __proto: { stringValue: 'x' },
  }
  const attributes = Object.entries(values).map(([key, value]) => ({ key: key.replace('__proto', '__proto__'), value }))
  const decoded = decodeOne({ attributes }).attributes
  expect(Object.entries(decoded)).toEqual([
    ['none', null],
    ['empty', null],
    ['novel', null],
    ['nothing', null],
    ['big', '9007199254740993'],
    ['small', -7],
    ['real', 0.5],
    ['nan', Number.NaN],
    ['bytes', Buffer.from([1, 2])],
    ['list', [false, null]],
    ['map', { a: 'b' }],
    ['emptyList', []],
    ['__proto__', 'x'],
  ])
})

test.each([
  ['resourceSpans', '{"resourceSpans":{}}'],
  ['an item of resourceSpans', '{"resourceSpans":[null]}'],
  ['resource', '{"resourceSpans":[{"resource":1}]}'],
  ['spans', '{"resourceSpans":[{"scopeSpans":[{"spans":"x"}]}]}'],
  ['name', oneSpan({ name: 1 })],
  ['kind', oneSpan({ kind: 'SPAN_KIND_SERVER' })],
  ['startTimeUnixNano', oneSpan({ startTimeUnixNano: 'now' })],
  ['endTimeUnixNano', oneSpan({ endTimeUnixNano: 1.5 })],
  ['status', oneSpan({ status: [] })],
  ['key', oneSpan({ attributes: [{ key: 1 }] })],
  ['value', oneSpan({ attributes: [{ key: 'a', value: 1 }] })],
  ['stringValue', oneSpan({ attributes: [{ key: 'a', value: { stringValue: {} } }] })],
  ['boolValue', oneSpan({ attributes: [{ key: 'a', value: { boolValue: 'true' } }] })],
  ['intValue', oneSpan({ attributes: [{ key: 'a', value: { intValue: '0x1' } }] })],
  ['doubleValue', oneSpan({ attributes: [{ key: 'a', value: { doubleValue: 'x' } }] })],
])('a wrong %s is named', (name, text) => {
  expect(() => json(text)).toThrow(new RegExp(`^${name} is not an? `))
})

test('nesting and number of messages are limited', () => {
  const nested = (depth: number) => {
    let value: object = { stringValue: 'x' }
    for (let i = 0; i < depth; i++) value = { arrayValue: { values: [value] } }
    return { attributes: [{ key: 'a', value }] }
  }
  expect(decodeOne(nested(100)).attributes).toHaveProperty('a')
  expect(() => decodeOne(nested(101))).toThrow('nested more than 100 deep')
  expect(() => json('['.repeat(3_000_000))).toThrow('more than 2000000 objects and arrays')
  expect(() => json('['.repeat(1_000_000) + ']'.repeat(1_000_000))).toThrow('the request is not an object')
})

test('protobuf: nesting, number of messages, wire types, unknown fields, huge lengths', () => {
  const protobuf = (...bytes: number[]) => decodeSpans(Buffer.from(bytes), 'protobuf')
  const length = (n: number) => [(n & 0x7f) | 0x80, ((n >> 7) & 0x7f) | 0x80, n >> 14]
  const field = (tag: number, bytes: number[]) => [tag, ...length(bytes.length), ...bytes]
  let value: number[] = []
  for (let i = 0; i < 60; i++) value = field(0x2a, field(0x0a, value)) // arrayValue.values
  const resource = field(0x0a, field(0x0a, field(0x0a, field(0x12, value))))
  expect(() => protobuf(...resource)).toThrow('nested more than 100 deep')
  expect(() => decodeSpans(Buffer.alloc(6_000_000, Buffer.from([0x0a, 0])), 'protobuf')).toThrow('2000000 messages')
  expect(protobuf(0x78, 1, 0xfa, 0x01, 1, 0)).toEqual([]) // fields 15 and 31
  expect(() => protobuf(0x0b)).toThrow('wire type 3')
  expect(() => protobuf(0x08, 1)).toThrow('a number where resourceSpans belongs')
  expect(() => protobuf(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)).toThrow('truncated')
  expect(() => protobuf(0x0a)).toThrow('truncated')
  expect(() => protobuf(...Array(11).fill(0x80))).toThrow('varint too long')
  const shortTime = field(0x0a, field(0x12, field(0x12, field(0x3a, [1, 2, 3]))))
  expect(() => protobuf(...shortTime)).toThrow('3 bytes where fixed64 belongs')
})

test('a ring of parents is cut at its earliest span, so that no span is missing', () => {
  const spans = [span(1, 'self', { parent: 1 }), span(2, 'b', { parent: 3, at: 5 }), span(3, 'a', { parent: 2, at: 1 })]
  const [{ roots }] = toTraces(spans) as [ReturnType<typeof toTraces>[number]]
  expect(roots.map((root) => root.name)).toEqual(['self', 'a'])
  expect(roots[0]!.children).toEqual([])
  expect(roots[1]!.children).toMatchObject([{ name: 'b', children: [] }])
})
