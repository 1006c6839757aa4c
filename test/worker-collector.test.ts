/** What a Worker sends to its collector, and what it says when it cannot. */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { deployWorker } from './deploy-worker.ts'
import { functions } from './deploy.ts'
import { startReceiver } from './harness/otlp-receiver.ts'

const WORKER = `import { trace } from '@opentelemetry/api'
import { flush } from 'unplugin-otel/runtime'
const tracer = trace.getTracer('worker')
export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url)
    for (let i = 0; i < Number(searchParams.get('spans') ?? 1); i++) tracer.startSpan('step ' + i).end()
    if (searchParams.has('flush')) await flush()
    await new Promise((resolve) => setTimeout(resolve, Number(searchParams.get('ms') ?? 0)))
    return new Response('done')
  },
}
`

test('headers are bindings, secrets as they are; variables of any JSON type do no harm', async () => {
  const { worker, receiver } = await deployWorker(WORKER, {
    vars: {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20secret,x-team=a',
      OTEL_SDK_DISABLED: false,
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop,region=eu',
    },
  })
  await worker.fetch('/')
  await worker.settled()
  expect(receiver.requests).toMatchObject([{ headers: { authorization: 'Bearer secret', 'x-team': 'a' } }])
  expect(receiver.spans[0]).toMatchObject({ resource: { 'service.name': 'shop', region: 'eu' } })
})

test('the endpoint may also stand in `process.env`, where no binding has it', async () => {
  const collector = await startReceiver()
  onTestFinished(() => collector.stop())
  const source = `import { env } from 'cloudflare:workers'\nprocess.env.OTEL_EXPORTER_OTLP_ENDPOINT = env.COLLECTOR\n${WORKER}`
  const { worker, receiver } = await deployWorker(source, {
    compatibilityFlags: ['nodejs_compat'],
    vars: { COLLECTOR: collector.url, OTEL_EXPORTER_OTLP_ENDPOINT: undefined },
  })
  await worker.fetch('/')
  await worker.settled()
  expect(collector.spans.map(({ name }) => name).toSorted()).toEqual(['GET', 'step 0'])
  expect(receiver.requests).toHaveLength(0)
})

test.each(['http/json', 'http/protobuf'] as const)(
  '%s: 5,000 spans, compressed, in requests of 512',
  async (protocol) => {
    const { worker, receiver } = await deployWorker(WORKER, { otel: { protocol } })
    await worker.fetch('/?spans=5000')
    await worker.settled()
    expect(receiver.spans).toHaveLength(5001)
    expect(new Set(receiver.spans.map(({ spanId }) => spanId)).size).toBe(5001)
    expect(receiver.requests).toHaveLength(10)
    expect(receiver.requests.every(({ gzip, encoding }) => gzip && protocol.endsWith(encoding))).toBe(true)
  },
)

test('immediate: every span in a request of its own, all of them delivered', async () => {
  const { worker, receiver } = await deployWorker(WORKER, { otel: { batching: 'immediate' } })
  await worker.fetch('/?spans=4')
  await worker.settled()
  expect(receiver.requests.map(({ spans }) => spans.length)).toEqual([1, 1, 1, 1, 1])
})

test('an invocation of more than a second sends what has ended; `flush()` by hand sends it at once', async () => {
  const { worker, receiver } = await deployWorker(WORKER)
  await worker.fetch('/?spans=2&ms=1200')
  await worker.settled()
  expect(receiver.requests.map(({ spans }) => spans.length)).toEqual([2, 1])
  receiver.reset()
  await worker.fetch('/?spans=2&flush')
  await worker.settled()
  expect(receiver.requests.map(({ spans }) => spans.length)).toEqual([2, 1])
})

test('a dead collector: every request is answered, one line says so, and all arrives when it is back', async () => {
  const { worker, receiver } = await deployWorker(WORKER)
  await receiver.set({ mode: 'refuse' })
  for (let i = 0; i < 5; i++) expect(await (await worker.fetch('/')).text()).toBe('done')
  await worker.settled()
  await receiver.set({ mode: 'ok' })
  let asked = 5
  while (receiver.spans.length === 0 && asked < 20) {
    await sleep(1000) // as long as it is left alone, or longer
    await worker.fetch('/')
    await worker.settled()
    asked++
  }
  expect(receiver.spans).toHaveLength(2 * asked)
  const said = worker.console.filter(({ message }) => message.includes('[unplugin-otel]'))
  expect(said).toHaveLength(1)
  expect(said[0]!.message).toMatch(/is not reached .*: spans are kept and sent later/)
})

test('a hanging collector: nobody waits, and after the budget nothing is sent for a while', async () => {
  const { worker, receiver } = await deployWorker(WORKER, {
    otel: { flush: { budgetMs: 300 } },
    receiver: { mode: 'hang' },
  })
  const begun = performance.now()
  for (let i = 0; i < 3; i++) expect(await (await worker.fetch('/')).text()).toBe('done')
  expect(performance.now() - begun).toBeLessThan(1000)
  await worker.settled()
  const asked = receiver.requests.length
  await worker.fetch('/')
  await worker.settled()
  expect(receiver.requests).toHaveLength(asked)
  expect(worker.console.some(({ message }) => message.includes('no answer in 300 ms'))).toBe(true)
})

test('headers that cannot be sent are not quoted', async () => {
  const { worker } = await deployWorker(WORKER, { vars: { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=my%0Asecret' } })
  expect(await (await worker.fetch('/')).text()).toBe('done')
  await worker.settled()
  const lines = worker.console.map(({ message }) => message).join('\n')
  expect(lines).toContain('OTEL_EXPORTER_OTLP_HEADERS cannot be sent')
  expect(lines).not.toContain('secret')
})

test('no endpoint: off, said once, and the Worker is as it was', async () => {
  const source = path.join(functions, 'worker.ts')
  const { worker, receiver } = await deployWorker(source, {
    durableObjects: { COUNTER: 'Counter' },
    services: { ADMIN: { name: 'main', entrypoint: 'Admin' } },
    vars: { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
  })
  await worker.scheduled()
  await worker.scheduled()
  await worker.settled()
  expect(receiver.requests).toHaveLength(0)
  const said = worker.console.filter(({ message }) => message.includes('[unplugin-otel]'))
  expect(said).toMatchObject([{ level: 'warn', message: expect.stringContaining('set OTEL_EXPORTER_OTLP_ENDPOINT') }])
})
