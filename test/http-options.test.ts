/** What options say of requests: which headers are kept, which make no span, and whose trace goes on. */
import path from 'node:path'
import type { Options } from 'unplugin-otel/esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { deployWorker } from './deploy-worker.ts'
import { buildFunction, deploy, functions, invoke } from './deploy.ts'
import { ask, startNodeServer } from './harness/node-server.ts'
import { startReceiver, type ReceivedSpan, type Receiver } from './harness/otlp-receiver.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const traceparent = `00-${TRACE}-${PARENT}-01`

const FUNCTION = `
import { trace } from '@opentelemetry/api'
export const handler = async (event) => {
  trace.getTracer('app').startSpan('work').end()
  if (event.fail) throw new Error(event.fail)
  return { statusCode: 200, headers: { 'X-Cache': 'hit', 'x-other': 'b' }, multiValueHeaders: { 'x-list': ['a', 'b'] } }
}
`
const WORKER = `
import { trace } from '@opentelemetry/api'
export default {
  async fetch(request) {
    trace.getTracer('app').startSpan('work').end()
    return new Response(request.url, { headers: { 'X-Cache': 'hit' } })
  },
}
`
const SERVER = `
import { createServer } from 'node:http'
import { trace } from '@opentelemetry/api'
import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
listen(createServer((request, response) => {
  trace.getTracer('app').startSpan('work').end()
  if (request.url === '/set') response.setHeader('X-Cache', ['hit', 'stale'])
  else response.writeHead(200, { 'X-Cache': 'hit' })
  response.end(request.url)
}))
`

const http = (rawPath: string, headers: object = {}, more: object = {}) => ({
  rawPath,
  headers,
  requestContext: { http: { method: 'GET' } },
  ...more,
})
const namesIn = ({ spans }: Receiver) => spans.map(({ name }) => name)
const headersIn = (span: ReceivedSpan | undefined) =>
  Object.fromEntries(Object.entries(span?.attributes ?? {}).filter(([name]) => name.includes('.header.')))

async function serve(otel: Options): Promise<{ url: string; receiver: Receiver }> {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const batching = { scheduledDelayMillis: 20 }
  const folder = await buildFunction(SERVER, { otel: { platform: 'node-server', batching, ...otel } })
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const { url } = await startNodeServer(path.join(folder, 'index.mjs'), env)
  return { url, receiver }
}

const CAPTURED = { captureHeaders: { request: ['X-Tenant', 'x-missing'], response: ['x-cache', 'x-list'] } }

test('captureHeaders: on Lambda, of those that are named', async () => {
  const deployment = await deploy(FUNCTION, { otel: CAPTURED, extension: 'js' })
  await invoke(deployment, http('/', { 'X-TENANT': 'acme', 'x-user': 'u', cookie: 'c' }))
  const root = () => deployment.receiver.spans.findLast(({ kind }) => kind === 2)
  expect(headersIn(root())).toEqual({
    'http.request.header.x-tenant': ['acme'],
    'http.response.header.x-cache': ['hit'],
    'http.response.header.x-list': ['a', 'b'],
  })
  await invoke(deployment, http('/', undefined, { headers: null, multiValueHeaders: { 'x-tenant': ['a', 'b'] } }))
  expect(headersIn(root())).toMatchObject({ 'http.request.header.x-tenant': ['a', 'b'] })
  // No request has come over HTTP.
  await invoke(deployment, { headers: { 'x-tenant': 'acme' } })
  expect(headersIn(root())).not.toHaveProperty('http.response.header.x-cache')
})

test('captureHeaders: on workerd', async () => {
  const { worker, receiver } = await deployWorker(WORKER, { otel: CAPTURED })
  const response = await worker.fetch('/', { headers: { 'x-tenant': 'acme' } })
  expect(response.headers.get('x-cache')).toBe('hit')
  await worker.settled()
  expect(headersIn(receiver.spans.find(({ kind }) => kind === 2))).toEqual({
    'http.request.header.x-tenant': ['acme'],
    'http.response.header.x-cache': ['hit'],
  })
})

test('captureHeaders: on a server', async () => {
  const { url, receiver } = await serve(CAPTURED)
  await ask(url, { headers: { 'x-tenant': 'acme' } })
  await ask(url, { path: '/set' })
  await receiver.waitForSpans(4)
  expect(receiver.spans.filter(({ kind }) => kind === 2).map(headersIn)).toEqual([
    { 'http.request.header.x-tenant': ['acme'], 'http.response.header.x-cache': ['hit'] },
    { 'http.response.header.x-cache': ['hit', 'stale'] },
  ])
})

test('trustIncoming: a caller is linked to, and what it calls itself is not its trace', async () => {
  const deployment = await deploy(FUNCTION, { otel: { trustIncoming: false }, extension: 'js' })
  const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'
  const caller = { traceId: TRACE, spanId: PARENT }
  await invoke(deployment, http('/', { traceparent }), { traceHeader })
  const sqs = (...parents: string[]) => ({
    Records: parents.map((stringValue, n) => ({
      messageId: `m${n}`,
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-central-1:123456789012:orders',
      messageAttributes: { traceparent: { stringValue, dataType: 'String' } },
    })),
  })
  await invoke(deployment, sqs(traceparent, traceparent))
  const other = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
  await invoke(deployment, sqs(traceparent, `00-${other.traceId}-${other.spanId}-01`))
  await invoke(deployment, http('/', { traceparent: 'nonsense' }))
  const traces = deployment.receiver.traces()
  expect(traces).toHaveLength(4)
  expect(traces.map(({ traceId }) => traceId)).not.toContain(TRACE)
  const roots = traces.map(({ roots: [root] }) => root!)
  expect(roots.map(({ parentSpanId }) => parentSpanId)).toEqual([undefined, undefined, undefined, undefined])
  expect(roots.map(({ links }) => links.map(({ traceId, spanId }) => ({ traceId, spanId })))).toEqual([
    [caller],
    [caller],
    [caller, other],
    [],
  ])
  expect(roots.map(({ children }) => children.length)).toEqual([1, 1, 1, 1])
})

const IGNORED = { ignore: ['/health', '/internal/**'] }

test('ignore: on Lambda, by path and by route, and what is ignored answers and throws as it does', async () => {
  const deployment = await deploy(FUNCTION, { otel: { ignore: [...IGNORED.ignore, '/users/{id}'] }, extension: 'js' })
  const { receiver } = deployment
  expect((await invoke(deployment, http('/health'))).json()).toMatchObject({ statusCode: 200 })
  await invoke(deployment, http('/internal/a/b'))
  await invoke(deployment, http('/users/7', {}, { routeKey: 'GET /users/{id}' }))
  expect(await invoke(deployment, http('/health', {}, { fail: 'broken' }))).toMatchObject({
    ok: false,
    error: { errorType: 'Error', errorMessage: 'broken' },
  })
  expect(receiver.requests).toEqual([])
  await invoke(deployment, http('/healthy'))
  expect(namesIn(receiver)).toEqual(['work', 'GET'])
  expect(receiver.spans.at(-1)!.attributes['faas.coldstart']).toBe(false)
})

test('ignore: on workerd, also without AsyncLocalStorage', async () => {
  for (const compatibilityFlags of [['nodejs_als'], []]) {
    const { worker, receiver } = await deployWorker(WORKER, { otel: IGNORED, compatibilityFlags })
    expect(await (await worker.fetch('/health')).text()).toMatch(/\/health$/)
    await worker.settled()
    expect(receiver.requests).toEqual([])
    await worker.fetch('/orders')
    await worker.settled()
    expect(namesIn(receiver)).toEqual(['work', 'GET'])
  }
})

test('ignore: on a server', async () => {
  const { url, receiver } = await serve(IGNORED)
  for (const target of ['/health', '/internal/', '/health?full=1', '/orders']) {
    expect((await ask(url, { path: target })).body).toBe(target)
  }
  await receiver.waitForSpans(2)
  expect(namesIn(receiver)).toEqual(['work', 'GET'])
})
