/** Calls of other services: a CLIENT span and the trace's context for each, and nothing that the caller could notice. */
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Options } from 'unplugin-otel/esbuild'
import { deployWorker } from './deploy-worker.ts'
import { buildFunction, deploy, functions, invoke, type Deployment } from './deploy.ts'
import { startNodeServer } from './harness/node-server.ts'
import { startReceiver, type ReceivedSpan, type Receiver } from './harness/otlp-receiver.ts'
import { startUpstream, type Asked } from './harness/upstream.ts'

const CLIENT = 3

const clientsIn = ({ spans }: Receiver) => spans.filter(({ kind }) => kind === CLIENT)
const contextOf = ({ traceId, spanId }: ReceivedSpan) => `00-${traceId}-${spanId}-01`

/** What each call of `calls` gives, or fails with. */
const CALLS = `
async function outcomeOf(call) {
  try {
    const response = await call()
    return [response.status, await response.text()]
  } catch (error) {
    return [error.name, error.cause?.name ?? error.cause?.code ?? error.code]
  }
}
const fetches = {
  text: (url) => fetch(url + '/orders/7?token=secret&page=2#part'),
  url: (url) => fetch(new URL('/url', url)),
  request: (url) => fetch(new Request(url + '/request', { method: 'PUT', headers: { 'x-a': 'b' }, body: 'of a request' })),
  over: (url) => fetch(new Request(url + '/over', { headers: { 'x-a': 'b' } }), { method: 'POST', body: 'over it' }),
  frozen: (url) => fetch(url + '/frozen', Object.freeze({ method: 'post', headers: Object.freeze([['X-A', 'b']]), body: 'fixed' })),
  instance: (url) => fetch(url + '/instance', new (class { get method() { return 'DELETE' } get headers() { return { 'x-a': 'b' } } })()),
  stream: (url) => fetch(url + '/stream', { method: 'POST', duplex: 'half', body: new Blob(['streamed']).stream() }),
  own: (url) => fetch(url + '/own', { headers: { Traceparent: '00-${'a'.repeat(32)}-${'b'.repeat(16)}-00', tracestate: 'mine=1' } }),
  other: (url) => fetch(url + '/other', { method: 'PROPFIND' }),
  missing: (url) => fetch(url + '/status/404'),
  broken: (url) => fetch(url + '/status/503'),
  refused: () => fetch('http://127.0.0.1:2/'),
  invalid: () => fetch('http://['),
  reset: (url) => fetch(url + '/reset'),
  aborted: (url) => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 50)
    return fetch(url + '/hang', { signal: abort.signal })
  },
  late: (url) => fetch(url + '/hang', { signal: AbortSignal.timeout(50) }),
  presigned: (url) => fetch(url + '/presigned?X-Amz-Credential=a&X-Amz-Signature=b'),
  sas: (url) => fetch(url + '/sas?sv=1&sig=b'),
  signed: (url) => fetch(url + '/signed', { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a' } }),
  data: () => fetch('data:text/plain,inside'),
  local: (url) => fetch(url.replace('127.0.0.1', 'localhost') + '/local'),
}
`

const LAMBDA = `
import http, { request } from 'node:http'
import { trace, propagation, context } from '@opentelemetry/api'
${CALLS}
const answerTo = (call) => new Promise((resolve, reject) => {
  const outgoing = call((incoming) => {
    let text = ''
    incoming.on('data', (chunk) => (text += chunk))
    incoming.on('end', () => resolve({ status: incoming.statusCode, text: async () => text }))
  })
  outgoing.on('error', reject)
})
const over = {
  get: (url) => answerTo((on) => http.get(url + '/get?token=secret', on)),
  named: (url) => answerTo((on) => request(url + '/named', { method: 'POST', headers: { 'x-a': 'b' } }, on).end('posted')),
  options: (url) => answerTo((on) => request({ host: '127.0.0.1', port: new URL(url).port, path: '/options' }, on).end()),
  list: (url) => answerTo((on) => request(url + '/list', { headers: ['Host', 'a', 'X-A', 'b'] }, on).end()),
  missing: (url) => answerTo((on) => http.get(url + '/status/404', on)),
  refused: () => answerTo((on) => http.get('http://127.0.0.1:2/', on)),
  reset: (url) => answerTo((on) => http.get(url + '/reset', on)),
  aborted: (url) => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 50)
    return answerTo((on) => http.get(url + '/hang', { signal: abort.signal }, on))
  },
  late: (url) => answerTo((on) => http.get(url + '/hang', { signal: AbortSignal.timeout(50) }, on)),
  signed: (url) => answerTo((on) => http.get(url + '/signed', { headers: { Authorization: 'AWS4-HMAC-SHA256 a' } }, on)),
  tunnel: (url) => new Promise((resolve) =>
    request(url, { method: 'CONNECT', path: 'example.com:443' })
      .on('connect', (response) => resolve({ status: response.statusCode, text: async () => '' }))
      .end()),
  upgraded: (url) => new Promise((resolve) => {
    const headers = { connection: 'upgrade', upgrade: 'test' }
    http.get(url + '/up', { headers }).on('upgrade', (response) => resolve({ status: response.statusCode, text: async () => '' }))
  }),
}
const before = globalThis.fetch
export const handler = async ({ by = 'fetch', call, url, baggage }) => {
  const run = () => outcomeOf(() => (by === 'fetch' ? fetches : over)[call](url))
  const given = baggage && propagation.setBaggage(context.active(), propagation.createBaggage({ user: { value: 'u 1' } }))
  const outcome = await (given ? context.with(given, run) : run())
  return { outcome, facts: [fetch === before, fetch.name, fetch.length, http.get.name, http.request === request] }
}
`

interface Called {
  readonly outcome: readonly unknown[]
  readonly clients: readonly ReceivedSpan[]
  readonly root: ReceivedSpan
  readonly asked: readonly Asked[]
}

async function deployCaller(otel: Options = {}) {
  const upstream = await startUpstream()
  const deployment: Deployment = await deploy(LAMBDA, { extension: 'js', otel })
  const { receiver } = deployment
  return {
    upstream,
    receiver,
    async call(call: string, more: object = {}): Promise<Called> {
      receiver.reset()
      const { outcome } = (await invoke(deployment, { call, url: upstream.url, ...more })).json()
      const root = receiver.spans.find(({ kind }) => kind === 2)!
      return { outcome, clients: clientsIn(receiver), root, asked: upstream.take() }
    },
    facts: async () => (await invoke(deployment, { call: 'text', url: upstream.url })).json().facts,
  }
}

const expected = {
  text: { method: 'GET', path: '/orders/7', query: '?token=&page=', body: '', status: 200 },
  url: { method: 'GET', path: '/url', body: '', status: 200 },
  request: { method: 'PUT', path: '/request', body: 'of a request', status: 200, header: 'b' },
  over: { method: 'POST', path: '/over', body: 'over it', status: 200, header: 'b' },
  frozen: { method: 'POST', path: '/frozen', body: 'fixed', status: 200, header: 'b' },
  instance: { method: 'DELETE', path: '/instance', body: '', status: 200, header: 'b' },
  stream: { method: 'POST', path: '/stream', body: 'streamed', status: 200 },
  missing: { method: 'GET', path: '/status/404', body: '', status: 404 },
  broken: { method: 'GET', path: '/status/503', body: '', status: 503 },
  get: { method: 'GET', path: '/get', query: '?token=', body: '', status: 200 },
  named: { method: 'POST', path: '/named', body: 'posted', status: 200, header: 'b' },
  options: { method: 'GET', path: '/options', body: '', status: 200 },
} as const

function expectCall(
  { outcome, clients, asked }: Called,
  name: keyof typeof expected,
  url: string,
  root: ReceivedSpan,
): void {
  const { method, path, body, status, ...more } = expected[name]
  const { query = '', header = undefined } = more as { query?: string; header?: string }
  expect(outcome, name).toEqual([status, body || 'answer'])
  expect(clients, name).toHaveLength(1)
  const [client] = clients
  expect(client, name).toMatchObject({
    name: method,
    traceId: root.traceId,
    parentSpanId: root.spanId,
    status: { code: status >= 400 ? 2 : 0 },
  })
  expect(client!.attributes, name).toEqual({
    'http.request.method': method,
    'url.full': url + path + query,
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(url).port),
    'http.response.status_code': status,
    ...(status >= 400 && { 'error.type': String(status) }),
  })
  expect(asked, name).toMatchObject([{ method, body, headers: { traceparent: contextOf(client!) } }])
  expect(asked[0]!.headers['x-a'], name).toBe(header)
}

test('fetch on Node: spans, context, bodies and errors as without us', async () => {
  const caller = await deployCaller()
  const control = await deployCaller({ libraries: false })
  const { url } = caller.upstream
  for (const name of ['text', 'url', 'request', 'over', 'frozen', 'instance', 'stream', 'missing', 'broken'] as const) {
    const called = await caller.call(name)
    expectCall(called, name, url, called.root)
    const { outcome, clients, asked } = await control.call(name)
    expect([called.outcome, clients], name).toEqual([outcome, []])
    expect(asked[0]!.headers).not.toHaveProperty('traceparent')
  }
  for (const name of ['refused', 'invalid', 'reset', 'aborted', 'late', 'data']) {
    expect((await caller.call(name)).outcome, name).toEqual((await control.call(name)).outcome)
  }
  // Nothing was replaced.
  expect(await caller.facts()).toEqual(await control.facts())
})

test.each(['fetch', 'http'])('%s on Node: what fails says how', async (by) => {
  const { call } = await deployCaller()
  const ended = async (name: string) => {
    const { clients } = await call(name, { by })
    return clients.map(({ status: { code }, attributes }) => [
      code,
      attributes['error.type'] ?? attributes['unplugin_otel.end_reason'],
    ])
  }
  expect(await ended('refused')).toEqual([[2, 'ECONNREFUSED']])
  expect(await ended('reset')).toEqual([[2, by === 'http' ? 'ECONNRESET' : 'UND_ERR_SOCKET']])
  expect(await ended('aborted')).toEqual([[0, 'cancelled']])
  expect(await ended('late')).toEqual([[2, 'TimeoutError']])
})

test('http on Node, also where it was imported by name', async () => {
  const caller = await deployCaller()
  for (const name of ['get', 'named', 'options'] as const) {
    const called = await caller.call(name, { by: 'http' })
    expectCall(called, name, caller.upstream.url, called.root)
  }
  // Its headers are lines already.
  const { clients, asked, outcome } = await caller.call('list', { by: 'http' })
  expect([outcome, clients.length]).toEqual([[200, 'answer'], 1])
  expect(asked[0]!.headers).toMatchObject({ host: 'a', 'x-a': 'b' })
  // What becomes a socket has no answer.
  expect(await caller.call('upgraded', { by: 'http' })).toMatchObject({ outcome: [101, ''], clients: [] })
  expect(await caller.call('tunnel', { by: 'http' })).toMatchObject({ outcome: [200, ''], clients: [] })
})

test('a redirect is followed by a span of its own', async () => {
  const caller = await deployCaller()
  const { clients } = await caller.call('text', { url: `${caller.upstream.url}/redirect` })
  expect(clients.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([302, 200])
})

test('who gets the context of the trace, and who its baggage', async () => {
  const propagateTo = { except: ['localhost'], baggage: ['127.0.0.1'] }
  const { call } = await deployCaller({ propagateTo })
  const headersOf = async (name: string, more?: object) => {
    const { asked, clients } = await call(name, { baggage: true, ...more })
    expect(clients).toHaveLength(1)
    const { traceparent, tracestate, baggage } = asked[0]!.headers
    return { traceparent, tracestate, baggage, own: contextOf(clients[0]!) }
  }
  const all = await headersOf('url')
  expect(all).toMatchObject({ traceparent: all.own, baggage: 'user=u%201' })
  for (const name of ['presigned', 'sas', 'signed', 'local']) {
    expect(await headersOf(name), name).toMatchObject({ traceparent: undefined, baggage: undefined })
  }
  expect(await headersOf('signed', { by: 'http' })).toMatchObject({ traceparent: undefined })
  expect(await headersOf('own')).toMatchObject({
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`,
    tracestate: 'mine=1',
    baggage: undefined,
  })
  const other = await deployCaller()
  const { asked } = await other.call('url', { baggage: true })
  expect(asked[0]!.headers).toMatchObject({ traceparent: expect.any(String) })
  expect(asked[0]!.headers).not.toHaveProperty('baggage')
})

test('a method that is none of HTTP', async () => {
  const { call } = await deployCaller()
  const { clients } = await call('other')
  expect(clients).toMatchObject([
    { name: 'HTTP', attributes: { 'http.request.method': '_OTHER', 'http.request.method_original': 'PROPFIND' } },
  ])
})

test.each([['fetch'], ['http']] as const)('libraries: %s alone', async (library) => {
  const { call } = await deployCaller({ libraries: [library] })
  expect((await call('url')).clients).toHaveLength(library === 'fetch' ? 1 : 0)
  expect((await call('get', { by: 'http' })).clients).toHaveLength(library === 'http' ? 1 : 0)
})

const SHARED = `
import { subscribe } from 'node:diagnostics_channel'
import http from 'node:http'
import { context, createContextKey, SpanKind, trace } from '@opentelemetry/api'
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
const ask = (url) => new Promise((resolve) => http.get(url, (response) => response.resume().on('end', resolve)))
const attributes = { 'http.request.method': 'GET' }
const inSpan = (options, run) => trace.getTracer('app').startActiveSpan('theirs', options, async (span) => {
  try { return await run() } finally { span.end() }
})
export const handler = async ({ how, url, api }) => {
  if (how === 'instrumented') {
    // As what is loaded with the function would have before.
    await inSpan({ kind: SpanKind.CLIENT, attributes }, () => Promise.all([fetch(url), ask(url)]))
  } else if (how === 'suppressed') {
    await context.with(context.active().setValue(SUPPRESSED, true), () => Promise.all([fetch(url), ask(url)]))
  } else if (how === 'model') {
    // A CLIENT span of something else than a request.
    await inSpan({ kind: SpanKind.CLIENT }, () => Promise.all([fetch(url), ask(url)]))
  } else if (how === 'later') {
    // When the invocation is over.
    setTimeout(() => fetch(url), 100).unref()
  } else if (how === 'api') {
    await ask('http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/')
  }
}
if (process.env.LISTENING) subscribe('undici:request:create', () => {})
if (process.env.AT_LOAD) await fetch(process.env.AT_LOAD)
`

test('no span beside one that there is already, or outside of an invocation', async () => {
  const { url } = await startUpstream()
  const lambda = { env: { AT_LOAD: url } }
  const deployment = await deploy(SHARED, { extension: 'js', lambda })
  const namesOf = async (how: string, on = deployment) => {
    on.receiver.reset()
    await invoke(on, { how, url })
    return on.receiver.spans.filter(({ kind }) => kind === CLIENT).map(({ name }) => name)
  }
  expect(await namesOf('instrumented')).toEqual(['theirs'])
  expect(await namesOf('suppressed')).toEqual([])
  expect((await namesOf('model')).toSorted()).toEqual(['GET', 'GET', 'theirs'])
  expect(await namesOf('api')).toEqual([])
  expect(await namesOf('later')).toEqual([])
  expect(await namesOf('none')).toEqual([])
  const listened = await deploy(SHARED, { extension: 'js', lambda: { env: { LISTENING: '1' } } })
  // Of `http` nobody listens.
  expect((await namesOf('model', listened)).toSorted()).toEqual(['GET', 'theirs'])
})

const WORKER = `
${CALLS}
const before = globalThis.fetch
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url)
    if (pathname === '/forward') return fetch(new URL('/request', env.UPSTREAM), request)
    const outcome = await outcomeOf(() => fetches[pathname.slice(1)](env.UPSTREAM))
    const promise = fetch('data:text/plain,a').constructor === Promise
    return Response.json({ outcome, facts: [fetch.name, fetch.length, promise, before.name, before.length] })
  },
}
`

async function deployWorkerCaller(otel: Options | false = {}) {
  const upstream = await startUpstream()
  const { worker, receiver } = await deployWorker(WORKER, { otel, vars: { UPSTREAM: upstream.url } })
  return {
    upstream,
    worker,
    receiver,
    async call(call: string): Promise<Called & { facts: readonly unknown[] }> {
      receiver.reset()
      const response = await worker.fetch(`/${call}`)
      const { outcome, facts } = (await response.json()) as { outcome: unknown[]; facts: unknown[] }
      await worker.settled()
      const root = receiver.spans.find(({ kind }) => kind === 2)!
      return { outcome, facts, clients: clientsIn(receiver), root, asked: upstream.take() }
    },
  }
}

test('fetch on workerd: spans, context, bodies and errors as without us', async () => {
  const caller = await deployWorkerCaller()
  const control = await deployWorkerCaller(false)
  for (const name of ['text', 'url', 'request', 'over', 'frozen', 'instance', 'missing', 'broken'] as const) {
    const called = await caller.call(name)
    expectCall(called, name, caller.upstream.url, called.root)
    expect(called.facts.slice(0, 3)).toEqual([...called.facts.slice(3), true])
    expect(called.outcome).toEqual((await control.call(name)).outcome)
  }
  const named = ['refused', 'invalid', 'reset', 'aborted', 'late', 'stream', 'data']
  for (const name of named) expect((await caller.call(name)).outcome, name).toEqual((await control.call(name)).outcome)
  for (const name of ['presigned', 'sas', 'signed']) {
    expect((await caller.call(name)).asked[0]!.headers, name).not.toHaveProperty('traceparent')
  }
  expect((await caller.call('aborted')).clients).toMatchObject([
    { status: { code: 0 }, attributes: { 'unplugin_otel.end_reason': 'cancelled' } },
  ])
  expect((await caller.call('late')).clients).toMatchObject([
    { status: { code: 2 }, attributes: { 'error.type': 'TimeoutError' } },
  ])
})

test('a Worker that forwards the request that it got', async () => {
  const { worker, receiver, upstream } = await deployWorkerCaller()
  const response = await worker.fetch('/forward', { method: 'POST', body: 'forwarded', headers: { 'x-a': 'b' } })
  expect(await response.text()).toBe('forwarded')
  await worker.settled()
  const [client] = clientsIn(receiver)
  expect(upstream.asked).toMatchObject([
    { method: 'POST', body: 'forwarded', headers: { 'x-a': 'b', traceparent: contextOf(client!) } },
  ])
})

const SERVER = `
import { createServer, get } from 'node:http'
import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
listen(createServer((request, response) => {
  get(process.env.UPSTREAM, (incoming) => incoming.pipe(response))
}))
`

test('a Worker, a server and what that calls are one trace', async () => {
  const upstream = await startUpstream()
  const collector = await startReceiver()
  onTestFinished(() => collector.stop())
  const otel = { platform: 'node-server', batching: { scheduledDelayMillis: 20 } } as const
  const file = path.join(await buildFunction(SERVER, { otel }), 'index.mjs')
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, UPSTREAM: upstream.url }
  const { url } = await startNodeServer(file, env)
  const source = `export default { fetch: (request, env) => fetch(env.NEXT + new URL(request.url).search, request) }\n`
  const { worker, receiver } = await deployWorker(source, { vars: { NEXT: url } })
  expect(await (await worker.fetch('/?user=7')).text()).toBe('answer')
  await worker.settled()
  await collector.waitForSpans(2)
  // From the first to the last: each is the parent of the next.
  const all = [...receiver.spans, ...collector.spans]
  const chain = [all.find(({ parentSpanId }) => !parentSpanId)!]
  for (const { spanId } of chain) chain.push(...all.filter(({ parentSpanId }) => parentSpanId === spanId))
  expect(chain.map(({ kind }) => kind)).toEqual([2, CLIENT, 2, CLIENT])
  expect(new Set(all.map(({ traceId }) => traceId)).size).toBe(1)
  expect(upstream.asked[0]!.headers['traceparent']).toBe(contextOf(chain.at(-1)!))
  expect(JSON.stringify(all)).not.toContain('user=7')
})
