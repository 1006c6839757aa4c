/** What a flush sends, when, and in which requests; the collector is a function here, and the clock stands still. */
import { TracerProvider } from '@opentelemetry/sdk-trace'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { decodeSpans } from '../../src/cli/otlp-decode.ts'
import { closeBreaker } from '../../src/runtime/breaker.ts'
import type { Delivery } from '../../src/runtime/delivery.ts'
import { encoding } from '../../src/runtime/encoding/json.ts'
import { createExporter, type Transport } from '../../src/runtime/exporter.ts'
import { slot } from '../../src/runtime/slot.ts'

const config = {
  endpoint: new URL('http://collector:4318/v1/traces'),
  headers: {},
  batch: { maxExportBatchSize: 512, maxQueueSize: 2048, interimMs: 1000 },
} as Parameters<typeof createExporter>[0]
const answer = (status: number, text = '{}', retryAfter?: string): Delivery => ({ status, text, retryAfter })

/** A collector, and what it has taken. */
function collect(outlives: boolean, answerTo: (names: string[], bytes: number) => Delivery | Promise<Delivery>) {
  const requests: string[][] = []
  const taken: string[] = []
  const transport: Transport = {
    language: 'nodejs',
    outlives,
    ...(outlives && { inFlight: new Set() }),
    async send(_config, _type, body) {
      const names = decodeSpans(Buffer.from(body), 'json').map(({ name }) => name)
      requests.push(names)
      const delivery = await answerTo(names, body.length)
      if (delivery.status === 200) taken.push(...names)
      return delivery
    },
  }
  const exporter = createExporter(config, 1000, encoding, transport)
  const flush = (...names: string[]) => exporter.flush(spansOf(names), transport.inFlight ?? new Set(), 1000, true)
  return { requests, taken, flush, exporter }
}

function spansOf(names: string[]): ReadableSpan[] {
  const tracer = new TracerProvider().getTracer('test')
  return names.map((name) => {
    const span = tracer.startSpan(name)
    span.end()
    return span as unknown as ReadableSpan
  })
}

let now = 1e12
const later = (ms: number) => vi.setSystemTime((now += ms))

beforeEach(() => {
  vi.useFakeTimers({ now, toFake: ['Date'] })
  vi.spyOn(console, 'warn').mockReturnValue()
  slot.retained.length = 0
  slot.dropped.clear()
  closeBreaker()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('one request tells whether the collector is back; the rest follows it, the oldest first', async () => {
  let isBack = false
  const { requests, taken, flush } = collect(true, () => answer(isBack ? 200 : 404))
  await flush('0')
  for (const name of ['a', 'b', 'c']) {
    later(1)
    await flush(name)
  }
  expect(requests).toEqual([['0']])
  isBack = true
  later(1000)
  await flush('d')
  expect(requests.slice(1)).toEqual([['a'], ['b', 'c', 'd']])
  expect(taken).toEqual(['a', 'b', 'c', 'd'])
})

test.each([true, false])('of several flushes at once one tries again (sockets outlive: %s)', async (outlives) => {
  const { requests, flush } = collect(outlives, () => answer(503))
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => flush(name)))
  expect(requests.slice(4)).toHaveLength(1)
  expect(slot.breaker.trips).toBe(2)
  expect(slot.retained.map(({ spans }) => spans)).toEqual([1, 1, 1, 1])
  // And when it is asked again, none does.
  later(2001)
  await Promise.all(['e', 'f'].map((name) => flush(name)))
  expect(requests.slice(5)).toHaveLength(1)
})

test.each([413, 400])('what was joined and answered %s goes in smaller requests', async (status) => {
  let isBack = false
  const { requests, taken, flush } = collect(true, (names) =>
    isBack ? answer(names.length > 2 ? status : 200) : answer(503, '', '2'),
  )
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await flush(name)
  isBack = true
  for (let n = 0; n < 3; n++) {
    later(20_000)
    await flush(`${n}`)
  }
  expect(taken.toSorted()).toEqual(['0', '1', '2', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
  expect(Math.max(...requests.slice(-4).map(({ length }) => length))).toBeLessThanOrEqual(2)
  expect(slot.dropped.size).toBe(0)
})

test('what nobody waits for opens the breaker, too, when it gets no answer', async () => {
  vi.useFakeTimers({ now })
  const { requests, exporter } = collect(true, () => new Promise(() => {}))
  for (let second = 0; second < 10; second++) {
    exporter.send(spansOf([`${second}`]), new Set())
    await vi.advanceTimersByTimeAsync(1001)
  }
  expect(requests).toEqual([['0']])
})

test('where requests die with their invocation, one that was sent meanwhile is waited for while the breaker is open', async () => {
  let settle!: (delivery: Delivery) => void
  const { taken, exporter } = collect(false, () => new Promise((resolve) => (settle = resolve)))
  const inFlight = new Set<Promise<boolean>>()
  exporter.send(spansOf(['interim']), inFlight)
  slot.breaker.openUntil = slot.breaker.pausedUntil = Date.now() + 1000
  const flushed = exporter.flush(spansOf(['root']), inFlight, 1000, true).then(() => taken.length)
  settle(answer(200))
  expect(await flushed).toBe(1)
})
