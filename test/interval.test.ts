/** What a server of one's own sends when it is told to stop, and how it ends then. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startReceiver, type Receiver } from './harness/otlp-receiver.ts'

const server = path.join(import.meta.dirname, 'runtime/interval-server.ts')
/** What the build puts in place of it. */
const version = 'data:text/javascript,globalThis.__VERSION__="0.0.0"'
let receiver: Receiver

beforeAll(async () => (receiver = await startReceiver()))
afterAll(() => receiver.stop())
afterEach(async () => {
  receiver.reset()
  await receiver.set({ mode: 'ok', delayMs: 0 })
})

/** Once it has served a request whose spans are not sent yet. */
async function start(kind: string, ...more: string[]) {
  const child = spawn(process.execPath, ['--import', version, server, kind, ...more], {
    env: { PATH: process.env['PATH'], OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  child.stderr.on('data', (chunk) => (errors += chunk))
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal, errors }))
  const ready = await Promise.race([once(child.stdout, 'data').then(String), ended])
  expect(ready).toBe('ready\n')
  expect(receiver.requests).toHaveLength(0)
  return {
    child,
    ended,
    async stop() {
      const began = performance.now()
      child.kill('SIGTERM')
      return { ...(await ended), ms: performance.now() - began }
    },
  }
}

const REQUEST = ['executing api route (app)', 'GET /api/users/[id]']
const names = () => receiver.spans.map(({ name }) => name)

test.each([
  ['alone', { code: null, signal: 'SIGTERM', errors: '' }],
  ['exits', { code: 3, signal: null, errors: '' }],
  ['exits once', { code: 3, signal: null, errors: '' }],
  ['exits twice', { code: 3, signal: null, errors: '' }],
  ['has a code', { code: 4, signal: null, errors: '' }],
])('%s: it ends as without us, once a slow collector has the spans', async (kind, end) => {
  const { stop } = await start(kind)
  await receiver.set({ delayMs: 100 })
  expect(await stop()).toMatchObject(end)
  expect(names()).toEqual(REQUEST)
  // Answered, not only sent.
  expect(receiver.requests).toMatchObject([{ status: 200 }])
})

test.each(['alone', 'exits'])(
  '%s: a collector that never answers holds it up for 250 ms, or for the budget at an exit',
  async (kind) => {
    const { stop } = await start(kind)
    await receiver.set({ mode: 'hang' })
    const { ms, code, signal } = await stop()
    expect([code, signal]).toEqual(kind === 'exits' ? [3, null] : [null, 'SIGTERM'])
    expect(ms).toBeGreaterThan(240)
    // The request itself is given up after 30 s.
    expect(ms).toBeLessThan(10_000)
    expect(receiver.requests).toHaveLength(1)
  },
)

test('no collector at all does not hold it up', async () => {
  const { stop } = await start('exits', '60000')
  await receiver.set({ mode: 'refuse' })
  const { code, ms } = await stop()
  expect(code).toBe(3)
  expect(ms).toBeLessThan(30_000)
}, 40_000)

test('what it still answered while it stopped is sent, too', async () => {
  const { stop } = await start('drains')
  expect(await stop()).toMatchObject({ code: 0 })
  expect(names()).toEqual([...REQUEST, ...REQUEST])
  expect(receiver.spans.at(-1)!.attributes['url.path']).toBe('/the/last')
})

test('who wants to go on does; its spans are sent meanwhile', async () => {
  const { child, stop } = await start('stays')
  const stopped = stop()
  await receiver.waitForSpans(2)
  expect(child.exitCode).toBeNull()
  expect(await stopped).toMatchObject({ code: 5, signal: null })
})

test('told twice, alone: the second one is the system’s', async () => {
  const { child, ended } = await start('alone')
  await receiver.set({ mode: 'hang' })
  child.kill('SIGTERM')
  for (const deadline = Date.now() + 2000; receiver.requests.length === 0 && Date.now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const began = performance.now()
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ signal: 'SIGTERM' })
  expect(performance.now() - began).toBeLessThan(200)
})
