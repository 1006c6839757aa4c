/** Spans are given anything: nothing is thrown back, what is sent is OTLP that a strict receiver takes, and says what was cut. */
import { SpanKind, trace, type Span, type Tracer } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { als } from 'unplugin-otel/runtime/context/als'
import { instrument, setup } from 'unplugin-otel/runtime/edge'
import { encoding as json } from 'unplugin-otel/runtime/encoding/json'
import { encoding as protobuf } from 'unplugin-otel/runtime/encoding/protobuf'
import { afterAll, describe, expect, test } from 'vitest'
import { startReceiver } from './harness/otlp-receiver.ts'

const receiver = await startReceiver()
afterAll(() => receiver.stop())
const bodies: string[] = []
const encoding = {
  ...json,
  encode(spans: Parameters<typeof json.encode>[0]) {
    const body = json.encode(spans)
    if (body) bodies.push(new TextDecoder().decode(body))
    return body
  },
}

/** One invocation, exported when it has ended. */
async function record(run: (tracer: Tracer) => void, options = {}, given: typeof json = encoding): Promise<void> {
  const host = {
    id: 'test',
    env: () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...options }),
    deployed: () => true,
    resource: () => ({}),
    keepAlive: () => 'before' as const,
  }
  delete (globalThis as Record<symbol, unknown>)[Symbol.for('opentelemetry.js.api.1')]
  delete (globalThis as Record<symbol, { tracing?: unknown }>)[Symbol.for('unplugin-otel.v1')]!.tracing
  bodies.length = 0
  receiver.reset()
  const kind = { start: () => ({ name: 'root', kind: SpanKind.SERVER, attributes: {} }) }
  const handler = () => run(trace.getTracer('user'))
  await instrument(kind, handler, { file: 'a', name: 'b', line: 1 }, setup({}, host, als, given))()
}

const refuse = (): never => {
  throw new Error('mine')
}
const cyclic: Record<string, unknown> = { name: 'cyclic' }
cyclic['self'] = [cyclic, cyclic, cyclic]
let deep: unknown = 1
for (let depth = 0; depth < 3000; depth++) deep = [deep]
const wide = Array.from({ length: 2000 }, (_, n) => ({ n }))
const traps = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((trap) => [trap, refuse]))
const hostile: unknown[] = [
  new Proxy({}, traps),
  new Proxy(() => {}, traps),
  new Proxy([], { get: refuse }),
  Object.defineProperty({}, 'code', { get: refuse, enumerable: true }),
  { nested: Object.defineProperty({}, 'value', { get: refuse, enumerable: true }) },
  Object.defineProperty([1], 0, { get: refuse }),
  { toJSON: refuse, toString: refuse, valueOf: refuse, [Symbol.toPrimitive]: refuse },
  { code: { toString: refuse }, message: 1n, stack: Symbol('stack') },
  Object.freeze({ a: Object.freeze([1]) }),
  JSON.parse('{ "__proto__": { "polluted": 1 }, "": 1, "constructor": 2 }'),
  cyclic,
  deep,
  wide,
  Symbol('symbol'),
  refuse,
  10n,
  Number.NaN,
  -Infinity,
  1e300,
  2 ** 53,
  -0,
  '\ud800',
  '😀'.slice(1),
  new Date(Number.NaN),
  new Date(8.64e15),
  new Date(-8.64e15),
  [Number.NaN, 0],
  [1e12, 1e300],
  [-5, -5],
  [0, 0.5],
]
/** Wrapped, because fast-check looks at what it makes. */
const fixed = fc.constantFrom(...hostile.map((value) => () => value))
const keys = fc.oneof(fc.constantFrom('__proto__', '', 'a'), fc.string())
const anything: fc.Arbitrary<() => unknown> = fc.oneof(
  fixed,
  fc
    .anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    })
    .map((value) => () => value),
  fc.string({ unit: 'binary' }).map((value) => () => value),
  fc
    .array(fc.tuple(keys, fixed), { maxLength: 4 })
    .map((pairs) => () => Object.fromEntries(pairs.map(([key, value]) => [key, value()]))),
)
const METHODS = [
  'setAttribute',
  'setAttributes',
  'addEvent',
  'addLink',
  'addLinks',
  'setStatus',
  'updateName',
  'recordException',
] as const
const calls = fc.array(fc.tuple(fc.constantFrom(...METHODS), fc.array(anything, { maxLength: 3 })), { maxLength: 6 })

type Loose = Record<string, (...args: unknown[]) => unknown>

/** As strict as the receivers' own decoders: numbers by their types, text that is Unicode, times of 64 bits. */
function expectStrict(body: string): void {
  const walk = (value: unknown): void => {
    if (typeof value === 'string') return expect(value.isWellFormed()).toBe(true)
    if (typeof value !== 'object' || !value) return
    for (const [key, each] of Object.entries(value)) {
      if (key === 'name' || key === 'key') expect(typeof each).toBe('string')
      if (key === 'intValue') expect(Number.isSafeInteger(each)).toBe(true)
      if (key === 'doubleValue')
        expect(typeof each === 'number' || ['NaN', 'Infinity', '-Infinity'].includes(each as string)).toBe(true)
      if (key.endsWith('UnixNano')) expect(BigInt.asUintN(64, BigInt(each as string))).toBe(BigInt(each as string))
      if (key === 'kind' || key === 'code') expect(Number.isInteger(each)).toBe(true)
      walk(each)
    }
  }
  walk(JSON.parse(body))
}

describe('anything', () => {
  test.each([
    ['JSON', encoding],
    ['protobuf', protobuf],
  ])('as %s: nothing is thrown back, and all of it arrives', async (name, given) => {
    let made = 0
    await record(
      (tracer) => {
        const one = fc.property(anything, anything, calls, anything, (called, options, then, end) => {
          const span = (tracer as unknown as Loose)['startSpan']!(called(), options()) as Span
          for (const [method, args] of then) (span as unknown as Loose)[method]!(...args.map((arg) => arg()))
          ;(span as unknown as Loose)['end']!(end())
          made++
        })
        fc.assert(one, { numRuns: 200 })
      },
      {},
      given as typeof json,
    )
    // A trace state or a prototype that cannot be read is all that is left of what cannot be encoded.
    const { dropped } = (globalThis as unknown as Record<symbol, { dropped: Map<string, number> }>)[
      Symbol.for('unplugin-otel.v1')
    ]!
    const lost = dropped.get('not_encodable') ?? 0
    expect([receiver.spans.length + lost, dropped.size]).toEqual([made + 1, Math.min(lost, 1)])
    expect(lost).toBeLessThan(made / 20)
    if (name === 'JSON') bodies.forEach(expectStrict)
  })
})

describe('much', () => {
  const child = () => receiver.spans.find(({ name }) => name === 'child')!
  const long = 'x'.repeat(1_000_000)
  const childOf = (run: (span: Span) => void) =>
    record((tracer) => {
      const span = tracer.startSpan('child')
      run(span)
      span.end()
    })

  test('strings of 1 MB, in attributes, events and exceptions: cut, and the span says how many', async () => {
    await childOf((span) => {
      for (let n = 0; n < 50; n++) span.setAttribute(`text ${n}`, long)
      span.addEvent('event', { text: long, short: 'x' })
      span.recordException(Object.assign(new Error(long), { stack: long }))
    })
    const { attributes, events } = child()
    expect(attributes['unplugin_otel.truncated_attributes']).toBe(53)
    expect(attributes['text 49']).toHaveLength(65_536)
    expect(events.map((event) => Object.values(event.attributes).map((value) => String(value).length))).toEqual([
      [65_536, 1],
      [5, 65_536, 65_536],
    ])
    expect(receiver.spans.find(({ name }) => name === 'root')!.attributes).not.toHaveProperty([
      'unplugin_otel.truncated_attributes',
    ])
  })

  test('half of a character, where it was cut, is none', async () => {
    await childOf((span) => span.setAttribute('text', `x${'😀'.repeat(40_000)}`))
    expect(child().attributes['text']).toBe(`x${'😀'.repeat(32_767)}\ufffd`)
  })

  test('10,000 attributes, 100,000 events and links: the span says how many were left out', async () => {
    await childOf((span) => {
      for (let n = 0; n < 10_000; n++) span.setAttribute(`key ${n}`, n)
      for (let n = 0; n < 100_000; n++) span.addEvent(`${n}`)
      const context = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }
      for (let n = 0; n < 100_000; n++) span.addLink({ context })
    })
    expect(bodies.join()).toMatch(
      /"droppedAttributesCount":9872,.*"droppedEventsCount":99872,.*"droppedLinksCount":99872/,
    )
    expect(Object.keys(child().attributes)).toHaveLength(128)
  })

  test('a span that is larger than requests are goes alone', async () => {
    await record((tracer) => {
      tracer.startSpan('small').end()
      const span = tracer.startSpan('huge')
      for (let n = 0; n < 100; n++) span.setAttribute(`text ${n}`, long)
      span.end()
    })
    expect(receiver.spans.map(({ name }) => name).toSorted()).toEqual(['huge', 'root', 'small'])
    expect(receiver.requests.map(({ spans }) => spans.map(({ name }) => name))).toContainEqual(['huge'])
  })
})

test('prototypes with a toJSON: it is not asked, and is left as it was', async () => {
  const owners = [Object, Array, String, Number] as const
  let asked = 0
  let left: boolean[] = []
  const patching = {
    ...encoding,
    encode(spans: Parameters<typeof json.encode>[0]) {
      for (const { prototype } of owners)
        Object.defineProperty(prototype, 'toJSON', { configurable: true, value: () => `${asked++}` })
      const body = encoding.encode(spans)
      left = owners.map(({ prototype }) => Reflect.deleteProperty(prototype, 'toJSON'))
      return body
    },
  }
  await record(
    (tracer) => tracer.startSpan('child', { attributes: { list: ['a'], map: { a: 1 } } }).end(),
    {},
    patching as typeof json,
  )
  expect(left).toEqual([true, true, true, true])
  expect(receiver.spans.find(({ name }) => name === 'child')!.attributes).toEqual({ list: ['a'], map: { a: 1 } })
  expect(asked).toBe(0)
})
