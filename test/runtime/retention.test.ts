/** What is kept for a collector that is away, what is dropped of it, and who says so. */
import { trace } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { decodeSpans } from '../../src/cli/otlp-decode.ts'
import {
  isBreakerHalfOpen,
  isBreakerOpen,
  isBreakerPaused,
  pauseBreaker,
  tripBreaker,
} from '../../src/runtime/breaker.ts'
import { closeBreaker } from '../../src/runtime/breaker.ts'
import { judge, type Delivery } from '../../src/runtime/delivery.ts'
import { drop } from '../../src/runtime/dropped.ts'
import { toBatches } from '../../src/runtime/encode.ts'
import { encoding as json } from '../../src/runtime/encoding/json.ts'
import { encoding as protobuf } from '../../src/runtime/encoding/protobuf.ts'
import { adoptRoot, createInvocation } from '../../src/runtime/invocation.ts'
import { retain, takeRequests, trimRetained, type Batch } from '../../src/runtime/retention.ts'
import { slot } from '../../src/runtime/slot.ts'

const batch = (at: number, spans: number, changes: Partial<Batch> = {}): Batch => ({
  body: new Uint8Array(10),
  spans,
  hasError: false,
  at,
  ...changes,
})

beforeEach(() => {
  slot.retained.length = 0
  slot.dropped.clear()
  slot.warned.clear()
  closeBreaker()
})
afterEach(() => {
  vi.useRealTimers()
  trace.disable()
})

test('over the limit the oldest goes first, and a batch with an error last', () => {
  retain([batch(3, 5), batch(1, 5, { hasError: true }), batch(2, 5)])
  expect(trimRetained(15)).toBe(false)
  retain([batch(4, 1)])
  expect(trimRetained(15)).toBe(true)
  expect(slot.retained.map(({ at }) => at)).toEqual([1, 3, 4])
  expect(trimRetained(5)).toBe(true)
  expect(slot.retained.map(({ at }) => at)).toEqual([1])
  retain([batch(5, 1, { hasError: true })])
  trimRetained(5)
  expect(slot.retained.map(({ at }) => at)).toEqual([5])
  expect([...slot.dropped]).toEqual([['retention', 16]])
})

test('bytes count as well as spans', () => {
  retain([batch(1, 1, { body: new Uint8Array(1_000_000) }), batch(2, 1, { body: new Uint8Array(1_000_000) })])
  expect(trimRetained(2048)).toBe(true)
  expect(slot.retained.map(({ at }) => at)).toEqual([2])
})

test('all goes in few requests, the oldest first', () => {
  retain([batch(2, 3), batch(1, 2), batch(3, 4), batch(4, 1)])
  const ages = takeRequests(5, 1e6).map((request) => request.map(({ at }) => at))
  expect(ages).toEqual([
    [1, 2],
    [3, 4],
  ])
  expect(slot.retained).toEqual([])
  retain([batch(1, 1), batch(2, 1), batch(3, 1)])
  expect(takeRequests(5, 20).map(({ length }) => length)).toEqual([2, 1])
})

function spansOf(count: number, name = 'step'): ReadableSpan[] {
  const tracer = new TracerProvider().getTracer('test')
  return Array.from({ length: count }, (_, n) => {
    const span = tracer.startSpan(`${name} ${n}`)
    span.end()
    return span as unknown as ReadableSpan
  })
}

function root(): ReadableSpan {
  const [span] = spansOf(1, 'root') as unknown as [Parameters<typeof createInvocation>[0]]
  adoptRoot(createInvocation(span, undefined, new Set(), async () => {}))
  return span as unknown as ReadableSpan
}

test('a root tells what was dropped, once; when it is dropped itself the next one does', () => {
  drop([{ spans: 3 }], 'retention')
  drop([{ spans: 2 }], '401')
  expect(toBatches(json, spansOf(2), 512)[0]!.dropped).toBeUndefined()
  const first = root()
  const [told] = toBatches(json, [...spansOf(1), first], 512)
  expect(first.attributes).toMatchObject({ 'otel.dropped_spans': 5, 'otel.dropped_reasons': ['retention', '401'] })
  const second = root()
  expect(toBatches(json, [second], 512)[0]!.dropped).toBeUndefined()
  drop([told!], 'no_answer')
  const third = root()
  toBatches(json, [third], 512)
  expect(third.attributes).toMatchObject({
    'otel.dropped_spans': 7,
    'otel.dropped_reasons': ['no_answer', 'retention', '401'],
  })
})

test('a span that cannot be encoded is counted', () => {
  const spans = spansOf(3)
  Object.defineProperty(spans[1], 'name', { get: () => fail() })
  const fail = () => {
    throw new Error('no')
  }
  const batches = toBatches(json, spans, 512)
  expect(batches.map((each) => each.spans)).toEqual([1, 1])
  expect([...slot.dropped]).toEqual([['not_encodable', 1]])
})

test.each([
  ['json', json],
  ['protobuf', protobuf],
] as const)('%s: bodies are joined as if they had been one', (name, encoding) => {
  const spans = spansOf(5, 'Grüße 🎉')
  const bodies = [spans.slice(0, 2), spans.slice(2, 3), spans.slice(3)].map((part) => encoding.encode(part)!)
  const names = decodeSpans(Buffer.from(encoding.join(bodies)), name).map((span) => span.name)
  expect(names).toEqual(spans.map((span) => span.name))
})

test.each([
  [json, '{}', 0],
  [json, '{"partialSuccess":{}}', 0],
  [json, '{"partialSuccess":{"rejectedSpans":"12","errorMessage":"too old"}}', 12],
  [json, '{"partialSuccess": {"rejectedSpans": 7}}', 7],
  [protobuf, '', 0],
  [protobuf, '\n\x02\x08\x05', 5],
  [protobuf, '\n\x0b\x08\xac\x02\x12\x06too ol', 300],
  [protobuf, `\n\xcb\x01\x08\x80\x80\x01\x12\xc4\x01${'x'.repeat(196)}`, 16_384],
  [protobuf, `\n\x09\x12\x07warning`, 0],
] as const)('%s %j: rejected %d', (encoding, answer, count) => {
  expect(encoding.rejected(answer)).toBe(count)
})

const endpoint = { endpoint: new URL('http://collector:4318/v1/traces') } as Parameters<typeof judge>[1]

test.each([
  [
    { status: 503, text: '' },
    { fate: 'kept', retryMs: 100 },
  ],
  [
    { status: 429, text: '', retryAfter: '2' },
    { fate: 'kept', retryMs: 2000 },
  ],
  [
    { status: 429, text: '', retryAfter: 'Thu, 01 Jan 1970 00:00:09 GMT' },
    { fate: 'kept', retryMs: 9000 },
  ],
  [
    { status: 429, text: '', retryAfter: 'soon' },
    { fate: 'kept', retryMs: 100 },
  ],
  [
    { status: 307, text: '' },
    { fate: 'lost', reason: '307' },
  ],
  [
    { status: 500, text: '' },
    { fate: 'lost', reason: '500' },
  ],
  [
    { status: 200, text: '<!doctype html>' },
    { fate: 'lost', reason: 'not_otlp' },
  ],
  [
    { status: 200, text: '{}' },
    { fate: 'arrived', rejected: 0 },
  ],
  [
    { status: undefined, error: new Error('no') },
    { fate: 'kept', retryMs: undefined },
  ],
  [
    { status: undefined, error: new Error('no'), final: 'no_answer' },
    { fate: 'lost', reason: 'no_answer' },
  ],
] as const)('%j → %j', (delivery, verdict) => {
  vi.useFakeTimers({ now: 0, toFake: ['Date'] })
  vi.spyOn(console, 'warn').mockReturnValue()
  expect(judge(delivery as Delivery, endpoint, json, false)).toEqual(verdict)
})

test('the breaker opens for longer each time, and by what the collector asks for', () => {
  vi.useFakeTimers({ now: 1e12, toFake: ['Date'] })
  expect([1, 2, 3, 4, 5, 6].map(() => tripBreaker(1))).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000])
  closeBreaker()
  expect([1, 2, 3, 4, 5].map(() => tripBreaker(1000))).toEqual([30_000, 60_000, 120_000, 240_000, 300_000])
  closeBreaker()
  expect([tripBreaker(1, 5000), tripBreaker(1, 1e9)]).toEqual([5000, 300_000])
})

test('it is half open when its pause is over, and when the clock was set back', () => {
  vi.useFakeTimers({ now: 1e12, toFake: ['Date'] })
  const state = () => [isBreakerOpen(), isBreakerPaused(), isBreakerHalfOpen()]
  expect(state()).toEqual([false, false, false])
  pauseBreaker(tripBreaker(1))
  expect(state()).toEqual([true, true, false])
  vi.setSystemTime(1e12 + 1001)
  expect(state()).toEqual([false, false, true])
  vi.setSystemTime(0)
  expect(state()).toEqual([false, false, true])
})
