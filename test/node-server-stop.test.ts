/** However a server's process ends, its spans are there, and it ends as without us: by the same code or signal. */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { buildFunction, functions } from './deploy.ts'
import { startBlackHole } from './harness/black-hole.ts'
import { compareLedger } from './harness/ledger.ts'
import { ask, keepAlive, startNodeServer, type NodeServer } from './harness/node-server.ts'
import { startReceiver } from './harness/otlp-receiver.ts'
import { startedIn } from './suite/ledger.ts'

const SOURCE = `
import { createServer } from 'node:http'
import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
import { open, root, sleep, span } from ${JSON.stringify(path.join(functions, 'ledger.ts'))}
const server = createServer(async (request, response) => {
  root()
  if (request.url === '/slow') {
    open('never ended')
    await span('slow', () => sleep(400))
  }
  if (request.url === '/background') {
    void span('background', () => sleep(1000))
  }
  await span('work', () => {})
  response.end('done')
  if (request.url === '/exit') response.once('close', () => process.exit(5))
  if (request.url === '/rejects') setTimeout(() => { throw new RangeError('nobody caught it') }, 1)
})
listen(server)
const say = (text: string) => void console.log(text)
const ways: Record<string, (signal: NodeJS.Signals) => void> = {
  alone() {},
  exits: (signal) => process.on(signal, () => { say('first'); process.exit(3); say('never') }),
  drains: (signal) => process.on(signal, () => { say('draining'); server.close(() => { say('closed'); process.exit(0) }); server.closeIdleConnections() }),
  closes: (signal) => process.on(signal, () => { say('closing'); server.close(() => say('closed')); server.closeIdleConnections() }),
  'sets a code': (signal) => process.on(signal, () => { process.exitCode = 9; server.close(); server.closeAllConnections() }),
  'raises it again': (signal) => process.once(signal, async () => { await sleep(30); say('cleaned up'); process.kill(process.pid, signal) }),
  'two listeners': (signal) => {
    process.on(signal, () => say('one'))
    process.prependListener(signal, () => say('two'))
    process.on(signal, () => setTimeout(() => process.exit(4), 50))
  },
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) ways[process.env['WAY']!]!(signal)
process.on('exit', (code) => say('exit ' + code))
`

async function start(way: string, otel = true) {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  // Nothing goes by the timer.
  const batching = { scheduledDelayMillis: 60_000 }
  // A thread takes its time to start where all the processors are busy.
  const flush = { budgetMs: 10_000 }
  const folder = await buildFunction(SOURCE, { otel: otel && { platform: 'node-server', batching, flush } })
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, WAY: way }
  return { receiver, server: await startNodeServer(`${folder}/index.mjs`, env) }
}

const printed = (server: NodeServer) => server.output().replace(/listening on \d+\n|^ledger .*\n/gm, '')

async function serve(server: NodeServer): Promise<void> {
  const agent = keepAlive()
  for (let n = 0; n < 3; n++) await ask(server.url, { agent })
  await ask(server.url, { agent, path: '/background' })
}

/** One request is in flight when the signal comes. */
async function stop(server: NodeServer, signal: NodeJS.Signals) {
  await serve(server)
  const before = startedIn(server.output()).length
  const inFlight = ask(server.url, { path: '/slow', headers: { connection: 'close' } }).then(
    ({ body }) => body,
    () => 'no answer',
  )
  if (before > 0) await vi.waitFor(() => expect(startedIn(server.output()).length).toBeGreaterThan(before + 2))
  else await new Promise((resolve) => setTimeout(resolve, 150))
  const ended = await server.signal(signal)
  return { ended, answer: await inFlight, printed: printed(server) }
}

const WAYS = ['alone', 'exits', 'drains', 'closes', 'sets a code', 'raises it again', 'two listeners']

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test.each(WAYS)('%s', async (way) => {
    const { receiver, server } = await start(way)
    const control = await start(way, false)
    expect(await stop(server, signal)).toEqual(await stop(control.server, signal))
    const { lost, duplicated, started } = compareLedger(startedIn(server.output()), receiver.spans)
    expect({ lost, duplicated }).toEqual({ lost: [], duplicated: [] })
    expect(started).toBeGreaterThan(10)
    const reasons = receiver.spans.map(({ name, attributes }) => [name, attributes['unplugin_otel.end_reason']])
    expect(reasons).toContainEqual(['never ended', 'exit'])
    if (way === 'alone') expect(reasons).toContainEqual(['slow', 'exit'])
    if (way === 'drains') expect(reasons).toContainEqual(['slow', undefined])
  })
})

test.each(['/exit', '/rejects'])('it ends by itself: %s', async (target) => {
  const { receiver, server } = await start('alone')
  const control = await start('alone', false)
  for (const each of [server, control.server]) {
    await serve(each)
    expect((await ask(each.url, { path: target })).body).toBe('done')
  }
  expect(await server.ended).toBe(await control.server.ended)
  expect(await server.ended).toBe(target === '/exit' ? 5 : 1)
  const text = (each: NodeServer) =>
    printed(each)
      .replace(/.*function-.*\n/g, '')
      .replace(/[\s\S]*(?=RangeError: )/, '')
  expect(text(server)).toBe(text(control.server))
  const { lost, duplicated } = compareLedger(startedIn(server.output()), receiver.spans)
  expect({ lost, duplicated }).toEqual({ lost: [], duplicated: [] })
})

test('a collector that cannot be connected to does not keep a server that has closed', async () => {
  const flush = { budgetMs: 500 }
  const folder = await buildFunction(SOURCE, {
    otel: { platform: 'node-server', batching: { scheduledDelayMillis: 50 }, flush },
  })
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: await startBlackHole(), WAY: 'closes' }
  const server = await startNodeServer(`${folder}/index.mjs`, env)
  await ask(server.url, { headers: { connection: 'close' } })
  await sleep(100) // the export is under way
  // The system gives up after two minutes.
  expect(await Promise.race([server.signal('SIGTERM'), sleep(20_000, 'lives on')])).toBe(0)
  expect(printed(server)).toMatch(/closed\n[^]*exit 0\n$/)
})
