/** Under `debug` each root says how the flush before its own went. */
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deployWorker } from './deploy-worker.ts'
import { buildFunction, deploy, functions, invoke } from './deploy.ts'
import { startNodeServer } from './harness/node-server.ts'
import { startReceiver, type ReceivedSpan, type Receiver } from './harness/otlp-receiver.ts'

const PREFIX = 'unplugin_otel.flush.'
const NAMES = ['duration', 'attempts', 'retained_spans', 'dropped_spans']

/** Of the roots, in the order in which they ended. */
function flushesIn(spans: readonly ReceivedSpan[], rootName: string): (Record<string, unknown> | undefined)[] {
  const roots = spans.filter(({ name }) => name === rootName).toSorted((a, b) => a.endMs - b.endMs)
  return roots.map(({ attributes }) => {
    const own = Object.entries(attributes).filter(([name]) => name.startsWith(PREFIX))
    return own.length > 0
      ? Object.fromEntries(own.map(([name, value]) => [name.slice(PREFIX.length), value]))
      : undefined
  })
}

/** Invokes until the pause after a failure is over, and something has arrived. Returns how many times. */
async function untilSent(receiver: Receiver, invokeOnce: () => Promise<unknown>): Promise<number> {
  const before = receiver.requests.filter(({ status }) => status === 200).length
  for (let times = 1; ; times++) {
    await invokeOnce()
    if (receiver.requests.filter(({ status }) => status === 200).length > before) return times
    expect(times).toBeLessThan(60)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

const flush = (attempts: unknown, retained: number, dropped = 0) => ({
  duration: expect.any(Number),
  attempts,
  retained_spans: retained,
  dropped_spans: dropped,
})
/** While it is left alone: what is kept becomes more. */
const keeping = (times: number, spans: number, first: number) =>
  Array.from({ length: times }, (_, n) => flush(0, first + n * spans))

test('on Lambda: a collector that fails and is back', async () => {
  const deployment = await deploy(path.join(functions, 'work.ts'), { otel: { debug: true } })
  const { receiver } = deployment
  // With its root three spans.
  const once = () => invoke(deployment, { spans: 2 })
  await once()
  await once()
  await receiver.set({ mode: '503' })
  await once()
  await receiver.set({ mode: 'ok' })
  const afterFailure = await untilSent(receiver, once)
  await receiver.set({ mode: '401' })
  await once()
  await receiver.set({ mode: 'ok' })
  const afterRefusal = await untilSent(receiver, once)
  const root = receiver.spans.find(({ parentSpanId }) => !parentSpanId)
  expect(flushesIn(receiver.spans, root!.name)).toEqual([
    undefined,
    flush(1, 0),
    flush(1, 0),
    flush(2, 3), // 503 is asked once more
    ...keeping(afterFailure - 1, 3, 6),
    // The next one says how that ended, and is refused itself.
    flush(1, 0, 3),
    ...keeping(afterRefusal - 1, 3, 3),
  ])
})

const WORKER = `export default { fetch: () => new Response('ok') }\n`

test('on workerd: a collector that fails and is back', async () => {
  const { worker, receiver } = await deployWorker(WORKER, { otel: { debug: true } })
  const once = async () => {
    await worker.fetch('/')
    await worker.settled()
  }
  await once()
  await receiver.set({ mode: 'refuse' })
  await once()
  await receiver.set({ mode: 'ok' })
  const times = await untilSent(receiver, once)
  await once()
  expect(flushesIn(receiver.spans, 'GET')).toEqual([
    undefined,
    flush(1, 0),
    flush(1, 1),
    ...keeping(times - 1, 1, 2),
    // One tells that the collector is back, before what else was kept and the spans of the same flush.
    flush(2, 0),
  ])
})

const SERVER = `
import { createServer } from 'node:http'
import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
listen(createServer((request, response) => response.end('ok')))
`

test('on a server: one root of each batch', async () => {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const otel = { debug: true, platform: 'node-server', batching: { scheduledDelayMillis: 500 } } as const
  const folder = await buildFunction(SERVER, { otel })
  const { url } = await startNodeServer(path.join(folder, 'index.mjs'), { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  for (let batch = 1; batch <= 3; batch++) {
    await Promise.all([1, 2].map(() => fetch(url).then((response) => response.text())))
    await receiver.waitForSpans(batch * 2)
    // Until its answer is read.
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const flushes = flushesIn(receiver.spans, 'GET')
  expect(flushes).toHaveLength(6)
  expect(flushes.filter(Boolean)).toEqual([flush(1, 0), flush(1, 0)])
})

test('without it there is nothing of them', async () => {
  const deployment = await deploy(path.join(functions, 'work.ts'))
  for (let n = 0; n < 2; n++) await invoke(deployment)
  for (const name of NAMES) expect(JSON.stringify(deployment.receiver.spans)).not.toContain(PREFIX + name)
})
