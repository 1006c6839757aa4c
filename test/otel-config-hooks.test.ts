/** The functions of `otel.config.ts`, each in a real runtime: what it changes of what arrives, and nothing of an answer. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deployWorker } from './deploy-worker.ts'
import { buildFunction, deploy, functions, invoke } from './deploy.ts'
import { startNodeServer } from './harness/node-server.ts'
import { startReceiver } from './harness/otlp-receiver.ts'

const HANDLER = `
import { trace } from '@opentelemetry/api'
export const handler = async (event) => {
  const tracer = trace.getTracer('app')
  tracer.startActiveSpan('work', { attributes: { 'db.query.text': 'SELECT 1', password: 'hunter2' } }, (span) => {
    span.addEvent('step', { password: 'hunter2', n: 1 })
    span.setStatus({ code: 2, message: 'password hunter2' })
    tracer.startSpan('noise').end()
    span.end()
  })
  if (event.fails) throw new Error('as asked')
  return { statusCode: 201 }
}
`
const CONFIG = `
import { defineConfig, fromCookie, fromHeader, fromJwtClaim } from 'unplugin-otel/config'
let resources = 0
export default defineConfig({
  resource: () => ({ team: 'checkout', 'service.name': 'from the config', resources: ++resources }),
  context: {
    userId: fromHeader('x-user-id'),
    sessionId: fromCookie('sid'),
    groups: { plan: fromJwtClaim('plan') },
    metadata: { beta: ({ event }) => (event as { body?: string }).body === 'beta' },
  },
  redact: (key, value) => {
    if (key === 'n') throw new Error('cannot')
    if (key === 'password') return undefined
    return typeof value === 'string' ? value.replace('hunter2', '***') : value
  },
  beforeSend(span) {
    if (span.name === 'noise') return null
    if (span.name === 'work') {
      const { durationMs, startTime, scope, resource, attributes } = span
      const facts = [durationMs >= 0, Math.abs(startTime - Date.now()) < 60_000, scope, resource.team, 'password' in attributes]
      return { ...span, name: 'renamed', attributes: { ...attributes, facts: JSON.stringify(facts) }, events: [...span.events, { name: 'added', time: startTime }] }
    }
    span.attributes.seen = true
  },
  carrier: (event) => (event as { trace?: object }).trace,
  ignore: ({ attributes }) => attributes['url.path'] === '/health',
})
`
const event = (more: object = {}) => ({
  version: '2.0',
  routeKey: 'GET /orders',
  rawPath: '/orders',
  headers: {
    'x-user-id': 'u_7',
    authorization: `Bearer x.${Buffer.from('{"plan":"größer"}').toString('base64url')}.y`,
  },
  cookies: ['a=1', 'sid=s%207; b=2'],
  requestContext: { http: { method: 'GET', path: '/orders' } },
  body: 'beta',
  ...more,
})
const TRACE = '0af7651916cd43dd8448eb211c80319c'

test.each(['esm', 'cjs'] as const)(
  'on Lambda, %s: resource, context, redact, beforeSend, carrier, ignore',
  async (format) => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'team=overruled,region=eu' }
    const deployment = await deploy(HANDLER, { config: CONFIG, format, lambda: { env } })
    const { receiver, lambda } = deployment
    expect((await invoke(deployment, event())).json()).toEqual({ statusCode: 201 })
    const [root, child] = ['GET /orders', 'renamed'].map((name) => receiver.spans.find((span) => span.name === name)!)
    expect(receiver.spans).toHaveLength(2)
    const user = { 'user.id': 'u_7', 'session.id': 's 7', 'group.plan': 'größer', 'metadata.beta': true }
    expect(root!.attributes).toMatchObject({ ...user, seen: true })
    expect(child!.attributes).toMatchObject({
      ...user,
      'db.query.text': 'SELECT 1',
      facts: '[true,true,"app","checkout",false]',
    })
    expect(child!.attributes).not.toHaveProperty('password')
    expect(child!.status).toMatchObject({ message: 'password ***' })
    expect(child!.events).toMatchObject([{ name: 'step', attributes: {} }, { name: 'added' }])
    expect(root!.resource).toMatchObject({
      team: 'checkout',
      region: 'eu',
      'service.name': 'from the config',
      resources: 1,
    })
    // What is dropped is counted, and said by the next root.
    await invoke(deployment, { trace: { Traceparent: `00-${TRACE}-b7ad6b7169203331-01` } })
    const next = receiver.spans.filter(({ traceId }) => traceId === TRACE)
    expect(next).toHaveLength(2)
    expect(next.find(({ parentSpanId }) => parentSpanId === 'b7ad6b7169203331')!.attributes).toMatchObject({
      'otel.dropped_spans': 1,
      'otel.dropped_reasons': ['before_send'],
    })
    const before = receiver.spans.length
    await invoke(
      deployment,
      event({ rawPath: '/health', requestContext: { http: { method: 'GET', path: '/health' } } }),
    )
    expect(receiver.spans).toHaveLength(before)
    expect(lambda.output.match(/redact of otel\.config\.ts failed: Error: cannot/g)).toHaveLength(1)
    expect(lambda.output.match(/UO2\d\d/g)).toHaveLength(1)
  },
)

const SAMPLER = `
const sampled = { decision: 2, attributes: { 'sampler.rule': 'all' } }
export default {
  sampler: {
    shouldSample: (context, traceId, name) => {
      if (name === 'noise') return { decision: 0 }
      if (name === 'work') throw new Error('cannot')
      return sampled
    },
    toString: () => 'Own',
  },
  instrumentations: [
    {
      setTracerProvider(provider) { this.tracer = provider.getTracer('own') },
      enable() { globalThis.enabled = (globalThis.enabled ?? 0) + 1; this.tracer.startSpan('enabled ' + globalThis.enabled).end() },
    },
    { enable() { throw new Error('cannot') } },
  ],
  onEnd: (span, { error, errorType, response }) => void span.setAttribute('ended', [String(error), String(errorType), String(response?.statusCode)]),
}
`

test('on Lambda: sampler, instrumentations, how an invocation ended', async () => {
  const deployment = await deploy(HANDLER, { config: SAMPLER })
  await invoke(deployment)
  await invoke(deployment, { fails: true })
  const { spans } = deployment.receiver
  expect(spans.map(({ name }) => name).toSorted()).toEqual(['enabled 1', 'harness', 'harness', 'work', 'work'])
  const roots = spans.filter(({ kind }) => kind === 2)
  expect(roots.map(({ attributes }) => attributes['ended'])).toEqual([
    ['undefined', 'undefined', '201'],
    ['Error: as asked', 'Error', 'undefined'],
  ])
  expect(roots.map(({ attributes }) => attributes['sampler.rule'])).toEqual(['all', 'all'])
  const said = Array.from(deployment.lambda.output.matchAll(/(\w+) of otel\.config\.ts failed/g), ([, key]) => key)
  expect(said.toSorted()).toEqual(['instrumentations', 'sampler'])
})

const WORKER = `
import { trace } from '@opentelemetry/api'
export default {
  async fetch(request) {
    await Promise.resolve()
    trace.getTracer('app').startActiveSpan('work', (span) => span.end())
    return new Response('hi')
  },
}
`
const WORKER_CONFIG = `
import { defineConfig, fromCookie, fromHeader } from 'unplugin-otel/config'
export default defineConfig({
  context: { userId: fromHeader('X-User-Id'), sessionId: fromCookie('sid') },
  beforeSend: (span) => ({ ...span, attributes: { ...span.attributes, sent: true } }),
  exporters: {
    export(spans, done) {
      fetch(SECOND, { method: 'POST', body: String(spans.length) }).then((response) => response.text()).then(() => done({ code: 0 }), (error) => done({ code: 1, error }))
    },
    async shutdown() {},
  },
  ignore: ({ attributes }) => attributes['url.path'] === '/health',
})
`

test('on workerd: a Request, an exporter beside ours, within the invocation', async () => {
  const counts: string[] = []
  const second = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => counts.push(text))
    request.on('end', () => setTimeout(() => response.end(), 50))
  }).listen(0, '127.0.0.1')
  await once(second, 'listening')
  onTestFinished(() => void second.close())
  const url = JSON.stringify(`http://127.0.0.1:${(second.address() as AddressInfo).port}`)
  const { worker, receiver } = await deployWorker(WORKER, { config: WORKER_CONFIG.replace('SECOND', url) })
  const headers = { 'x-user-id': 'u_7', cookie: 'sid="s 7"' }
  for (const target of ['/orders', '/health', '/orders']) {
    expect(await (await worker.fetch(target, { headers })).text()).toBe('hi')
    await worker.settled()
  }
  expect(receiver.spans.map(({ name }) => name).toSorted()).toEqual(['GET', 'GET', 'work', 'work'])
  for (const { attributes } of receiver.spans) {
    expect(attributes).toMatchObject({ 'user.id': 'u_7', 'session.id': 's 7', sent: true })
  }
  expect(counts).toEqual(['2', '2'])
  expect(worker.console.filter(({ message }) => message.includes('UO2'))).toEqual([])
})

const SERVER = `
import { createServer } from 'node:http'
import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
listen(createServer((request, response) => {
  response.statusCode = 404
  response.end('none')
}))
`
const SERVER_CONFIG = `
export default {
  context: ({ header }) => ({ userId: header('X-User-Id') }),
  onEnd: (span, { request, args }) => void span.setAttribute('ended', [request.method, String(args[1].statusCode)]),
}
`

test("on a server: Node's request", async () => {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const folder = await buildFunction(SERVER, { config: SERVER_CONFIG, otel: { platform: 'node-server' } })
  const { url } = await startNodeServer(path.join(folder, 'index.mjs'), { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  expect(await (await fetch(url, { headers: { 'x-user-id': 'u_7' } })).text()).toBe('none')
  await receiver.waitForSpans(1)
  expect(receiver.spans[0]!.attributes).toMatchObject({ 'user.id': 'u_7', ended: ['GET', '404'] })
})

test('beside another provider: what it has to do itself is said once, the hooks are called', async () => {
  const config = `
    export default {
      onStart: (span) => void span.setAttribute('started', true),
      context: ({ header }) => ({ userId: header('x-user-id') }),
      exporters: { export() { throw new Error('never') } },
      redact: () => undefined,
    }`
  const source = `
    import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
    import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
    import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
    new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] }).register({
      contextManager: new AsyncLocalStorageContextManager(),
    })
    ${HANDLER}`
  const deployment = await deploy(source, {
    config,
    format: 'cjs',
    otel: { platform: 'aws-lambda' },
    project: path.join(import.meta.dirname, 'projects/peers'),
  })
  for (let n = 0; n < 2; n++) expect((await invoke(deployment, event())).json()).toEqual({ statusCode: 201 })
  const roots = deployment.receiver.spans.filter(({ kind }) => kind === 2)
  expect(roots).toHaveLength(2)
  expect(roots[0]!.attributes).toMatchObject({ started: true, 'user.id': 'u_7' })
  const said = deployment.lambda.output.match(/of otel\.config\.ts nobody calls .*/g)
  expect(said).toEqual(['of otel.config.ts nobody calls exporters, redact'])
})
