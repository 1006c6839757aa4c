/** `responseHeader`: a response says which trace it is of, whatever form it has; nothing else of it changes. */
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deployWorker } from './deploy-worker.ts'
import { buildFunction, deploy, functions, invoke, type Deployment } from './deploy.ts'
import { ask, startNodeServer } from './harness/node-server.ts'
import { startReceiver, type Receiver } from './harness/otlp-receiver.ts'
import { talk } from './harness/web-socket.ts'

const otel = { responseHeader: 'x-trace-id' } as const

function traceIdOf({ spans }: Receiver): string {
  return spans.findLast(({ parentSpanId }) => !parentSpanId)!.traceId
}

/** Answers with what the event says, and that is not changed: it says so the next time. */
const ECHO = `
const answers = new Map()
export const handler = async ({ answer, ...event }) => {
  const key = JSON.stringify(answer)
  if (answers.has(key)) return answers.get(key)
  answers.set(key, answer)
  return answer
}
`

const V1 = { httpMethod: 'GET', path: '/orders', headers: { host: 'a' }, multiValueHeaders: { host: ['a'] } }
const V2 = { version: '2.0', rawPath: '/', headers: {}, requestContext: { http: { method: 'GET', path: '/' } } }
const ALB = { httpMethod: 'GET', path: '/', headers: {}, requestContext: { elb: {} } }
const ALB_LISTS = { ...ALB, headers: undefined, multiValueHeaders: { host: ['a'] } }

async function answerOf(deployment: Deployment, event: object, answer: unknown): Promise<unknown> {
  const result = await invoke(deployment, { ...event, answer })
  return JSON.parse(result.text.replaceAll(traceIdOf(deployment.receiver), '<trace>'))
}

test('on Lambda: each shape of an answer, and nothing but an answer over HTTP', async () => {
  const deployment = await deploy(ECHO, { otel, extension: 'js' })
  const added = { 'x-trace-id': '<trace>' }
  const given = { statusCode: 200, headers: { 'x-a': 'b' }, body: 'ok' }
  for (const event of [V1, V2, ALB]) {
    const expected = { ...given, headers: { 'x-a': 'b', ...added } }
    expect(await answerOf(deployment, event, given)).toEqual(expected)
    // The same object once more: it was not changed.
    expect(await answerOf(deployment, event, given)).toEqual(expected)
  }
  expect(await answerOf(deployment, V2, { statusCode: 204 })).toEqual({ statusCode: 204, headers: added })
  const lists = { statusCode: 200, multiValueHeaders: { 'x-a': ['b'] } }
  const withList = { statusCode: 200, multiValueHeaders: { 'x-a': ['b'], 'x-trace-id': ['<trace>'] } }
  expect(await answerOf(deployment, V1, lists)).toEqual(withList)
  expect(await answerOf(deployment, ALB_LISTS, { statusCode: 200, multiValueHeaders: { 'x-a': ['b'] } })).toEqual(
    withList,
  )
  expect(await answerOf(deployment, ALB_LISTS, { statusCode: 201 })).toEqual({
    statusCode: 201,
    multiValueHeaders: { 'x-trace-id': ['<trace>'] },
  })
  const same: [object, unknown][] = [
    [V2, { statusCode: 200, headers: { 'X-Trace-Id': 'mine' } }],
    [V1, { statusCode: 200, multiValueHeaders: { 'X-TRACE-ID': ['mine'] } }],
    // The gateway makes the body of these.
    [V2, { orders: 1 }],
    [V2, 'ok'],
    [V2, null],
    [{ Records: [] }, { statusCode: 200 }],
    [{}, { statusCode: 200, headers: {} }],
  ]
  for (const [event, answer] of same) expect(await answerOf(deployment, event, answer)).toEqual(answer)
})

test.each([
  ['traceresponse', /^00-(\w{32})-(\w{16})-01$/],
  ['server-timing', /^traceparent;desc="00-(\w{32})-(\w{16})-01"$/],
] as const)('on Lambda: %s', async (responseHeader, pattern) => {
  const deployment = await deploy(ECHO, { otel: { responseHeader }, extension: 'js' })
  const { headers } = (await invoke(deployment, { ...V2, answer: { statusCode: 200 } })).json()
  const [, traceId, spanId] = pattern.exec(headers[responseHeader]) ?? []
  expect(deployment.receiver.spans).toMatchObject([{ traceId, spanId }])
})

test('on Lambda: a stream says it in its metadata, and one that has none as without us', async () => {
  const source = `
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      if (event.prelude) stream = awslambda.HttpResponseStream.from(stream, event.prelude)
      stream.write('chunk')
      stream.end()
    })`
  const deployment = await deploy(source, { otel, extension: 'js' })
  const result = await invoke(deployment, { ...V2, prelude: { statusCode: 201, headers: { 'x-a': 'b' } } })
  const traceId = traceIdOf(deployment.receiver)
  expect(result.prelude).toEqual({ statusCode: 201, headers: { 'x-a': 'b', 'x-trace-id': traceId } })
  expect(result.text).toBe('chunk')
  expect((await invoke(deployment, { ...V2, prelude: { headers: { 'x-trace-id': 'mine' } } })).prelude).toEqual({
    headers: { 'x-trace-id': 'mine' },
  })
  expect(await invoke(deployment, V2)).toMatchObject({ ok: true, text: 'chunk' })
  expect((await invoke(deployment, { prelude: { statusCode: 200 } })).prelude).toEqual({ statusCode: 200 })
})

const WORKER = `
const shared = new Response(null, { status: 204 })
const zipped = new Uint8Array(${JSON.stringify([...Buffer.from('H4sIAAAAAAAAA8vPBgBH3dx5AgAAAA==', 'base64')])})
export class Counter {
  fetch() { return new Response('of the object') }
}
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url)
    if (pathname === '/text') return new Response('a text', { headers: { 'x-a': 'b' } })
    if (pathname === '/shared') return shared
    if (pathname === '/own') return new Response('own', { headers: { 'X-Trace-Id': 'mine' } })
    if (pathname === '/zipped') return new Response(zipped, { encodeBody: 'manual', headers: { 'content-encoding': 'gzip' } })
    if (pathname === '/upstream') return fetch(env.OTEL_EXPORTER_OTLP_ENDPOINT)
    if (pathname === '/redirect') return Response.redirect('https://example.com/', 302)
    if (pathname === '/event-stream') {
      return new Response(ReadableStream.from([new TextEncoder().encode('data: 1\\n\\n')]), { headers: { 'content-type': 'text/event-stream' } })
    }
    if (pathname === '/socket') {
      const [client, server] = Object.values(new WebSocketPair())
      server.accept()
      server.addEventListener('message', ({ data }) => server.send(data))
      return new Response(null, { status: 101, webSocket: client })
    }
    throw new Error('no route')
  },
}
`

test('on workerd: each kind of response, which is otherwise the same', async () => {
  const { worker, receiver } = await deployWorker(WORKER, { otel })
  const control = await deployWorker(WORKER, { otel: false })
  const answer = async (host: typeof worker, target: string) => {
    const response = await host.fetch(target, { redirect: 'manual' })
    const { date: _date, ...headers } = Object.fromEntries(response.headers)
    return { status: response.status, headers, text: await response.text() }
  }
  for (const target of ['/text', '/shared', '/shared', '/zipped', '/redirect', '/event-stream', '/upstream']) {
    const [ours, theirs] = [await answer(worker, target), await answer(control.worker, target)]
    await worker.settled()
    expect(ours, target).toEqual({ ...theirs, headers: { ...theirs.headers, 'x-trace-id': traceIdOf(receiver) } })
  }
  expect((await answer(worker, '/own')).headers['x-trace-id']).toBe('mine')
  expect(await talk(new URL('/socket', worker.url), ['hello'])).toEqual(['hello'])
})

const SERVER = `
import { createServer } from 'node:http'
import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
listen(createServer((request, response) => {
  const answers = {
    '/end': () => response.end('ok'),
    '/set': () => { response.setHeader('X-Trace-Id', 'mine'); response.end('ok') },
    '/head': () => { response.writeHead(201, { 'x-a': 'b' }); response.end('ok') },
    '/own': () => { response.writeHead(200, 'Fine', { 'X-Trace-Id': 'mine' }); response.end() },
    '/list': () => { response.writeHead(200, ['X-Trace-Id', 'mine', 'set-cookie', 'a', 'set-cookie', 'b']); response.end() },
    '/lists': () => { response.writeHead(200, ['set-cookie', 'a', 'set-cookie', 'b']); response.end() },
    '/write': () => { response.write('bit'); response.end('by bit') },
    '/cleared': () => {
      response.setHeader('x-a', 'b')
      for (const name of response.getHeaderNames()) response.removeHeader(name)
      response.statusCode = 500
      response.end('cleared')
    },
    '/names': () => response.end(JSON.stringify([response.getHeaderNames(), Object.hasOwn(response, 'end')])),
  }
  answers[request.url]()
}))
`

test('on a server: whoever writes the head, and however', async () => {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const build = (options: object | false) =>
    buildFunction(SERVER, {
      otel: options && { platform: 'node-server', batching: { scheduledDelayMillis: 20 }, ...options },
    })
  const traced = await startNodeServer(path.join(await build(otel), 'index.mjs'), env)
  const control = await startNodeServer(path.join(await build(false), 'index.mjs'), env)
  let spans = 0
  for (const target of ['/end', '/head', '/lists', '/write', '/cleared', '/names']) {
    const [ours, theirs] = [await ask(traced.url, { path: target }), await ask(control.url, { path: target })]
    await receiver.waitForSpans(++spans)
    const added = `x-trace-id: ${traceIdOf(receiver)}`
    expect(ours.headers, target).toContain(added)
    expect({ ...ours, headers: ours.headers.filter((line) => line !== added) }, target).toEqual(theirs)
  }
  for (const target of ['/set', '/own', '/list']) {
    const [ours, theirs] = [await ask(traced.url, { path: target }), await ask(control.url, { path: target })]
    expect(ours.headers, target).toContain('X-Trace-Id: mine')
    expect(ours, target).toEqual(theirs)
  }
})
