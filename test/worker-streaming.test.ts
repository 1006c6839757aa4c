/** Streamed answers of Workers: the root ends with the body, the bytes are the user's, and so is everything else. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWorker, deployWorker } from './deploy-worker.ts'
import { functions } from './deploy.ts'
import { createJournal, type Journal } from './harness/journal.ts'
import { startReceiver, type Receiver } from './harness/otlp-receiver.ts'
import { talk } from './harness/web-socket.ts'
import { startWorkerd, type WorkerdHost } from './harness/workerd-host.ts'

const MIB = 1 << 20
const source = path.join(functions, 'streaming-worker.ts')
const upstream = createServer((request, response) => {
  const bytes = request.url?.startsWith('/64') ? 64 * MIB : MIB
  const type = request.url?.endsWith('sse') ? 'text/event-stream' : 'application/octet-stream'
  const length = request.url === '/64' || request.url?.includes('unknown') ? {} : { 'content-length': bytes }
  response.writeHead(200, { ...length, 'content-type': type })
  for (let sent = 0; sent < bytes; sent += MIB) response.write(Buffer.alloc(Math.min(MIB, bytes)))
  response.end()
})
const removals: (() => void)[] = []
let journal: Journal
let receiver: Receiver
let ours: WorkerdHost
let control: WorkerdHost

beforeAll(async () => {
  journal = createJournal()
  receiver = await startReceiver({ journal })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const UPSTREAM = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
  const start = async (otel: false | object) =>
    startWorkerd({
      source: await buildWorker(source, { otel, cleanUp: (remove) => removals.push(remove) }),
      compatibilityFlags: ['nodejs_als'],
      journal: otel ? journal : createJournal(),
      vars: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, UPSTREAM },
    })
  ours = await start({})
  control = await start(false)
}, 60_000)

afterAll(async () => {
  await Promise.all([ours?.stop(), control?.stop(), receiver?.stop()])
  upstream.close()
  for (const remove of removals) remove()
})

const root = () => receiver.spans.find(({ kind }) => kind === 2)
const durationOf = (span: { startMs: number; endMs: number } | undefined) => (span ? span.endMs - span.startMs : 0)

async function ask(route: string, options: Parameters<WorkerdHost['request']>[1] = {}) {
  receiver.reset()
  const response = await ours.request(route, options)
  await ours.settled()
  return response
}

/** What a client can see, but for the date. */
async function seen(worker: WorkerdHost, route: string, method: string) {
  const { status, headers, text } = await worker.request(route, { method })
  const { date: _date, ...rest } = headers
  return { status, headers: rest, text }
}

describe('the bytes and headers of the answer are the user’s', () => {
  test.each([
    '/sse',
    '/identity',
    '/text-with-span',
    '/text',
    '/strings',
    '/length',
    '/wrong-length',
    '/nothing',
    '/breaks-at-once',
    '/tee',
    '/clone',
    '/read-from',
    '/fixed',
    '/big-plain',
    '/string',
    '/json',
    '/empty',
    '/not-modified',
    '/redirect',
    '/gzip',
    '/broken',
    '/nothing-there',
  ])('%s', async (route) => {
    for (const method of ['GET', 'HEAD']) {
      expect(await seen(ours, route, method)).toEqual(await seen(control, route, method))
    }
    await ours.settled()
  })

  test('a WebSocket', async () => {
    receiver.reset()
    expect(await talk(new URL('/socket', ours.url), ['hello'])).toEqual(['echo hello'])
    await ours.settled()
    expect(root()?.attributes['http.response.status_code']).toBe(101)
  })
})

describe('the root ends with the body', () => {
  test.each(['/sse', '/identity', '/text-with-span'])('%s: at its end, and no chunk is held', async (route) => {
    const { chunks, complete } = await ask(route)
    expect(complete).toBe(true)
    expect(chunks.length).toBeGreaterThanOrEqual(5)
    expect(durationOf(root())).toBeGreaterThanOrEqual(140)
    expect(root()?.status.code).toBe(0)
    const [sent] = journal.entries.filter(({ type }) => type === 'otlp-first-byte').slice(-1)
    const [last] = journal.entries.filter(({ type }) => type === 'response-last-byte').slice(-1)
    expect(journal.entries.indexOf(sent!)).toBeGreaterThan(journal.entries.indexOf(last!))
  })

  test('/text, which the user’s own code makes: its first byte has a time, and it has a parent in whatever is made for it', async () => {
    receiver.reset()
    const answers = await Promise.all([1, 2, 3].map((n) => ours.request(`/lazy?n=${n}`)))
    await ours.settled()
    expect(answers.map(({ text }) => text)).toEqual(['...', '...', '...'])
    const traces = receiver.traces()
    expect(traces).toHaveLength(3)
    for (const { roots } of traces) {
      expect(roots).toHaveLength(1)
      const [{ children, attributes, startMs, endMs }] = roots as [(typeof roots)[number]]
      expect(children).toHaveLength(4)
      expect(new Set(children.map(({ name }) => name)).size).toBe(1)
      for (const child of children) expect(durationOf(child)).toBeGreaterThanOrEqual(19)
      const first = attributes['unplugin_otel.time_to_first_byte'] as number
      expect(first).toBeGreaterThanOrEqual(0.019)
      expect(first).toBeLessThan((endMs - startMs) / 1000 - 0.05)
    }
  })

  test.each([
    ['/sse', 0.029],
    ['/identity', 0.029],
    ['/big-plain?path=/1-sse', 0],
    ['/big-plain?path=/1-unknown-sse', 0],
    ['/nothing', undefined],
    ['/breaks-at-once', undefined],
    ['/string', undefined],
  ])('%s: the time to its first byte', async (route, atLeast) => {
    await ask(route)
    const first = root()!.attributes['unplugin_otel.time_to_first_byte']
    if (atLeast === undefined) return expect(first).toBeUndefined()
    expect(first).toBeGreaterThanOrEqual(atLeast)
    expect(first).toBeLessThanOrEqual(durationOf(root()) / 1000 + 0.001)
  })

  test('a child that nobody awaits keeps its duration, too', async () => {
    await ask('/left')
    const left = receiver.spans.find(({ name }) => name === 'left')
    expect(durationOf(left)).toBeGreaterThanOrEqual(29)
    expect(left!.attributes).not.toHaveProperty('unplugin_otel.end_reason')
    expect(durationOf(root())).toBeLessThan(30)
  })

  test('a child that is open while the body is made keeps its duration', async () => {
    await ask('/text-with-span')
    const child = receiver.spans.find(({ name }) => name === 'generating')
    expect(child).toMatchObject({ parentSpanId: root()!.spanId })
    expect(child!.attributes).not.toHaveProperty('unplugin_otel.end_reason')
    expect(durationOf(child)).toBeGreaterThanOrEqual(140)
  })

  test('at an error of the source, which is its error', async () => {
    await ask('/breaks')
    expect(root()).toMatchObject({ status: { code: 2, message: 'the source broke' } })
    expect(receiver.spans.map(({ name }) => name).toSorted()).toEqual(['GET', 'breaking'])
  })

  test('when the client goes away, which is no error; the source is cancelled', async () => {
    const { complete } = await ask('/endless', { disconnect: { afterBytes: 24 } })
    expect(complete).toBe(false)
    expect(root()).toMatchObject({ status: { code: 0 }, attributes: { 'unplugin_otel.end_reason': 'cancelled' } })
    expect(receiver.spans.map(({ name }) => name).toSorted()).toEqual(['GET', 'endless'])
    expect(ours.console.some(({ message }) => message.startsWith('cancelled'))).toBe(true)
  })

  test('other bodies are not waited for, and a span left open ends with the handler', async () => {
    await ask('/string')
    expect(receiver.spans.find(({ name }) => name === 'left open')?.attributes).toMatchObject({
      'unplugin_otel.end_reason': 'handler_returned',
    })
  })

  test('a span that starts after the flush is delivered too', async () => {
    await ask('/imported-wait-until')
    expect(receiver.spans.map(({ name }) => name)).toEqual(['GET', 'late'])
    expect(receiver.spans[1]).toMatchObject({ traceId: root()!.traceId, parentSpanId: root()!.spanId })
    expect(receiver.requests).toHaveLength(2)
  })

  test('streams longer than the 30 s that waitUntil has after an answer', async () => {
    const { complete } = await ask('/long?s=32')
    expect(complete).toBe(true)
    expect(durationOf(root())).toBeGreaterThan(32_000)
  })
})

test('flush.mode await: the answer comes after the export, its stream after both', async () => {
  const { worker, receiver } = await deployWorker(source, { otel: { flush: { mode: 'await' } } })
  expect((await worker.request('/sse')).text.split('\n')).toHaveLength(6)
  expect(receiver.spans).toHaveLength(1)
})

test('back-pressure reaches the source: a client that does not read stops it', async () => {
  const read = async (worker: WorkerdHost) => {
    const { body } = await fetch(new URL('/flood', worker.url))
    await new Promise((resolve) => setTimeout(resolve, 500))
    await body?.cancel()
    const produced = worker.console.findLast(({ message }) => message.startsWith('produced'))
    return Number(produced?.message.split(' ')[1])
  }
  const [theirs, mine] = [await read(control), await read(ours)]
  await ours.settled()
  // In chunks of 64 KiB, one a millisecond: what the sockets' buffers hold, which varies, and not all of 500 ms.
  expect(mine).toBeLessThanOrEqual(theirs * 1.5)
})

test.each([
  ['of unknown length', '/big-plain?path=/64-unknown-sse'],
  ['of known length', '/big-plain?path=/64-sse'],
])('64 MiB %s go through at the speed of the control', async (name, route) => {
  const time = async (worker: WorkerdHost) => {
    const begun = performance.now()
    const bytes = (await (await fetch(new URL(route, worker.url))).arrayBuffer()).byteLength
    expect(bytes).toBe(64 * MIB)
    return performance.now() - begun
  }
  const ratios: number[] = []
  for (let i = 0; i < 7; i++) ratios.push((await time(control)) / (await time(ours)))
  await ours.settled()
  const median = ratios.toSorted((a, b) => a - b)[3]!
  console.log(`64 MiB ${name}: ${median.toFixed(2)}× of the control's throughput`)
  // A JavaScript transform is at 0.17; the figure itself is printed, a timed limit of 0.98 would be flaky.
  expect(median).toBeGreaterThan(0.7)
})
