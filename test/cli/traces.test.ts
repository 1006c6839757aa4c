import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createTraces } from '../../src/cli/traces.ts'
import { span, spanId, traceId } from './spans.ts'
import type { TracesOptions } from '../../src/cli/traces.ts'
import type { ReceivedSpan } from '../../src/cli/otlp-span.ts'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

function started(options: Partial<TracesOptions> = {}) {
  /** New names, with + before those of a continuation. */
  const prints: string[][] = []
  const traces = createTraces({
    print({ spans, printed }) {
      const fresh = spans.filter((one) => !printed.has(one.spanId))
      prints.push(fresh.map((one) => `${printed.size > 0 ? '+' : ''}${one.name}`))
    },
    ...options,
  })
  return { prints, flush: traces.flush, add: (...spans: ReceivedSpan[]) => traces.add(spans, 100) }
}

test('a complete trace is printed when it was quiet for 300 ms', () => {
  const { add, prints } = started()
  add(span(2, 'child', { parent: 1 }))
  vi.advanceTimersByTime(200)
  add(span(1, 'root'))
  vi.advanceTimersByTime(299)
  add(span(3, 'child of another service', { parent: 2 }))
  vi.advanceTimersByTime(299)
  expect(prints).toEqual([])
  vi.advanceTimersByTime(1)
  expect(prints).toEqual([['child', 'root', 'child of another service']])
})

test('without a parent it waits 2 s, and 10 s while spans keep coming', () => {
  const { add, prints } = started()
  add(span(2, 'remote parent', { parent: 1 }))
  vi.advanceTimersByTime(1999)
  expect(prints).toEqual([])
  vi.advanceTimersByTime(1)
  expect(prints).toEqual([['remote parent']])

  prints.length = 0
  for (let n = 10; n < 22; n++) {
    add(span(n, String(n), { parent: 9, traceId: 'f'.repeat(32) }))
    vi.advanceTimersByTime(1000)
  }
  expect(prints).toEqual([['10', '11', '12', '13', '14', '15', '16', '17', '18', '19']])
  add(span(9, 'root', { traceId: 'f'.repeat(32) }))
  vi.advanceTimersByTime(300)
  expect(prints[1]).toEqual(['+20', '+21', '+root'])
})

test('late spans are a continuation, duplicates are shown once', () => {
  const { add, prints } = started()
  add(span(1, 'root'), span(1, 'root again'))
  add(span(1, 'root once more'))
  vi.advanceTimersByTime(300)
  add(span(1, 'root late'))
  vi.advanceTimersByTime(10_000)
  add(span(2, 'late', { parent: 1 }))
  vi.advanceTimersByTime(300)
  expect(prints).toEqual([['root'], ['+late']])
})

test('of what was printed only the ancestors’ names and times are kept', () => {
  const kept: ReceivedSpan[][] = []
  const traces = createTraces({ print: ({ spans }) => kept.push([...spans]) })
  const long = 'x'.repeat(1000)
  traces.add([span(1, long, { service: long, attributes: { a: 'b' }, status: { code: 2, message: 'm' } })], 1)
  traces.flush()
  traces.add([span(2, 'late', { parent: 1 })], 1)
  traces.flush()
  expect(kept[0]![0]!.name).toHaveLength(1000)
  expect(kept[1]![0]).toMatchObject({
    traceId,
    spanId: spanId(1),
    name: 'x'.repeat(200),
    startMs: 1_700_000_000_000,
    endMs: 1_700_000_000_010,
    attributes: {},
    status: { code: 0 },
    resource: { 'service.name': 'x'.repeat(200) },
  })
})

test('too many spans: the trace that changed longest ago is printed and forgotten', () => {
  const { add, prints } = started({ maxSpans: 3 })
  const of = (letter: string) => ({ traceId: letter.repeat(32) })
  add(span(1, 'a', of('a')))
  add(span(1, 'b', of('b')))
  add(span(2, 'a2', { parent: 1, ...of('a') }))
  add(span(1, 'c', of('c')))
  expect(prints).toEqual([['b']])
  add(...[1, 2, 3, 4, 5].map((n) => span(n, `d${n}`, of('d'))))
  expect(prints).toEqual([['b'], ['a', 'a2'], ['c'], ['d1', 'd2', 'd3', 'd4', 'd5']])
  add(span(2, 'b2', { parent: 1, ...of('b') }))
  vi.advanceTimersByTime(2000)
  expect(prints.at(-1)).toEqual(['b2'])
  expect(vi.getTimerCount()).toBe(0)
})

test('too many bytes: what waits is printed at once; flush prints the rest', () => {
  const { add, prints, flush } = started({ maxBytes: 250 })
  add(span(1, 'a'))
  add(span(2, 'b', { traceId: 'b'.repeat(32) }))
  expect(prints).toEqual([])
  add(span(3, 'c', { traceId: 'c'.repeat(32) }))
  expect(prints).toEqual([['a']])
  flush()
  expect(prints).toEqual([['a'], ['b'], ['c']])
  expect(vi.getTimerCount()).toBe(0)
})
