/** Between requests Cloud Run takes the processor away: whoever is answered last waits for the export, and nobody else. */
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { buildFunction, functions, type DeployOptions } from './deploy.ts'
import { ask, keepAlive, startNodeServer, type Answered } from './harness/node-server.ts'
import { startReceiver } from './harness/otlp-receiver.ts'
import { compareLedger } from './harness/ledger.ts'
import { startedIn } from './suite/ledger.ts'

const CLOUD_RUN = { K_SERVICE: 'orders', K_REVISION: 'orders-00001', K_CONFIGURATION: 'orders' }
const RESOURCE = { 'service.name': 'orders', 'cloud.platform': 'gcp_cloud_run', 'faas.version': 'orders-00001' }
const SLOW_MS = 300

/** `/wait` is answered once `/go` has come, and all of them in the same turn. */
const SOURCE = `
import { createServer } from 'node:http'
import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
import { root, sleep, span } from ${JSON.stringify(path.join(functions, 'ledger.ts'))}
let go!: () => void
const gone = new Promise<void>((resolve) => (go = resolve))
const server = listen(createServer(async (request, response) => {
  root()
  const { pathname } = new URL(request.url!, 'http://a')
  if (pathname === '/go') go()
  if (pathname === '/wait') await gone
  await span('work', () => pathname === '/quick' ? undefined : sleep(5))
  void span('late', () => Promise.resolve())
  if (pathname === '/stream') {
    for (let n = 0; n < 3; n++) { response.write('part ' + n); await sleep(5) }
    return void response.end()
  }
  response.setHeader('x-path', pathname)
  response.end('hello ' + pathname, 'latin1', () => console.log('sent ' + pathname))
}))
`

async function start(env: Readonly<Record<string, string>>, otel: DeployOptions['otel'] = {}, delayMs = SLOW_MS) {
  const receiver = await startReceiver({ delayMs })
  onTestFinished(() => receiver.stop())
  const folder = await buildFunction(SOURCE, { otel: otel && { platform: 'node-server', ...otel } })
  const server = await startNodeServer(`${folder}/index.mjs`, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env })
  return { receiver, server }
}

test.each([
  ['Cloud Run', CLOUD_RUN, RESOURCE],
  ['Lambda’s web adapter', { AWS_LAMBDA_FUNCTION_NAME: 'orders' }, {}],
] as const)(
  'frozen right after each answer, and never thawed after the last: nothing is lost: %s',
  async (_, env, resource) => {
    const { receiver, server } = await start(env, {}, 20)
    const control = await start({}, false)
    const [ours, theirs] = [keepAlive(), keepAlive()]
    for (let n = 0; n < 20; n++) {
      const asked = { path: n % 3 === 2 ? '/stream' : `/${n}` }
      const answer = await ask(server.url, { agent: ours, ...asked })
      process.kill(server.pid, 'SIGSTOP')
      expect(answer).toEqual(await ask(control.server.url, { agent: theirs, ...asked }))
      if (n < 19) process.kill(server.pid, 'SIGCONT')
    }
    // What the kernel has taken is on its way.
    await receiver.waitForSpans(60)
    const { lost, duplicated, started } = compareLedger(startedIn(server.output()), receiver.spans)
    expect({ lost, duplicated }).toEqual({ lost: [], duplicated: [] })
    expect(started).toBe(60)
    expect(receiver.spans.at(-1)!.resource).toMatchObject(resource)
    await server.signal('SIGKILL')
  },
)

/** @returns the answers in their order, each with whether the collector had answered by then */
async function several(env: Readonly<Record<string, string>>, otel: DeployOptions['otel'] = {}) {
  const { receiver, server } = await start(env, otel)
  const answers: (Answered & { readonly isExported: boolean })[] = []
  const answered = () => receiver.requests.some(({ status }) => status === 200)
  const call = async (target: string) => {
    const answer = await ask(server.url, { path: target })
    answers.push({ ...answer, isExported: answered() })
  }
  const waiting = Promise.all(Array.from({ length: 5 }, () => call('/wait')))
  await vi.waitFor(() => expect(startedIn(server.output())).toHaveLength(5))
  await call('/quick')
  const before = receiver.requests.length
  await call('/go')
  await waiting
  return { receiver, server, answers, before }
}

test('of several in flight, only the last one waits, also when they end in the same turn', async () => {
  const { receiver, server, answers, before } = await several(CLOUD_RUN)
  // While the others are still running, nobody is frozen.
  expect(before).toBe(0)
  expect(answers.map(({ isExported }) => isExported)).toEqual([false, false, false, false, false, false, true])
  // All in one batch.
  expect(receiver.requests).toHaveLength(1)
  await server.signal('SIGKILL')
  const { lost, duplicated } = compareLedger(startedIn(server.output()), receiver.spans)
  expect({ lost, duplicated }).toEqual({ lost: [], duplicated: [] })
})

test.each([
  ['elsewhere', {}, {}],
  ["with flush: { mode: 'interval' }", CLOUD_RUN, { flush: { mode: 'interval' } }],
] as const)('%s nobody waits', async (_, env, otel) => {
  const { receiver, server, answers } = await several(env, { ...otel, batching: { scheduledDelayMillis: 60_000 } })
  expect(answers.map(({ isExported }) => isExported)).not.toContain(true)
  expect(receiver.requests).toEqual([])
  expect(await server.signal('SIGTERM')).toBe('SIGTERM')
  const { lost, duplicated } = compareLedger(startedIn(server.output()), receiver.spans)
  expect({ lost, duplicated }).toEqual({ lost: [], duplicated: [] })
})
