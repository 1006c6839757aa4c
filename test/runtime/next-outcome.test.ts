/** How a handler of Next.js ends: what it throws to answer is no error, what it throws by mistake is one. */
import { trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ReceivedSpan } from '../harness/otlp-receiver.ts'
import { startFileReceiver } from './file-receiver.ts'
import { hostRequests, inside, loadProxy, loadRoute, request, restart, serve } from './framework-process.ts'

const receiver = await startFileReceiver()
let waited: Promise<unknown>[]

beforeEach(() => {
  restart()
  waited = hostRequests()
})
afterEach(restart)

/** https://github.com/vercel/next.js/tree/canary/packages/next/src/client/components: what they are told apart by. */
const withDigest = (digest: unknown) => Object.assign(new Error('NEXT'), { digest })

async function rootAfter(error: unknown, wrapped: () => Promise<unknown>): Promise<ReceivedSpan> {
  await expect(wrapped()).rejects.toBe(error)
  await Promise.all(waited)
  return receiver.spans.find(({ kind }) => kind === 2)!
}

describe.each([
  ['a root of ours', (run: () => Promise<unknown>) => run()],
  ['the framework’s root', (run: () => Promise<unknown>) => serve(run)],
])('on %s', (_, around) => {
  const end = (error: unknown) => {
    const handler = loadRoute(() => Promise.reject(error))
    return rootAfter(error, () => around(() => handler(request())))
  }

  test.each([
    ['redirect()', 'NEXT_REDIRECT;replace;/api/hello;307;', 307],
    ['permanentRedirect()', 'NEXT_REDIRECT;replace;/api/hello;308;', 308],
    ['redirect() of an action', 'NEXT_REDIRECT;push;/api/hello;303;', 303],
    ['redirect() to an odd address', 'NEXT_REDIRECT;replace;/a;404;b?c=500;307;', 307],
    ['notFound()', 'NEXT_HTTP_ERROR_FALLBACK;404', 404],
    ['forbidden()', 'NEXT_HTTP_ERROR_FALLBACK;403', 403],
    ['unauthorized()', 'NEXT_HTTP_ERROR_FALLBACK;401', 401],
  ])('%s is an answer', async (_name, digest, status) => {
    const root = await end(withDigest(digest))
    expect(root.attributes['http.response.status_code']).toBe(status)
    expect(root.attributes).not.toHaveProperty('error.type')
    expect([root.status.code, root.events]).toEqual([0, []])
  })

  test.each([
    'DYNAMIC_SERVER_USAGE',
    'BAILOUT_TO_CLIENT_SIDE_RENDERING',
    'NEXT_STATIC_GEN_BAILOUT',
    'NEXT_PRERENDER_INTERRUPTED',
  ])('%s is between Next and itself', async (digest) => {
    const root = await end(withDigest(digest))
    expect(root.attributes).not.toHaveProperty('error.type')
    expect(root.attributes).not.toHaveProperty('http.response.status_code')
    expect([root.status.code, root.events]).toEqual([0, []])
  })

  test.each([
    ['an error', new TypeError('expired'), 'TypeError'],
    ['one that a page’s error has a digest of', withDigest('3847561029'), 'Error'],
    ['one whose digest is no text', withDigest(7), 'Error'],
    ['one that looks like an answer further on', withDigest('mine;NEXT_REDIRECT;replace;/;307;'), 'Error'],
    ['no object', 'a text', 'string'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'object'],
  ])('%s is one', async (_name, error, type) => {
    const root = await end(error)
    expect(root.attributes['error.type']).toBe(type)
    expect(root.status.code).toBe(2)
  })
})

test('the exception is recorded once: by us on a root of ours, by the framework on its own', async () => {
  const error = new TypeError('expired')
  const handler = loadRoute(() => Promise.reject(error))
  const own = await rootAfter(error, () => handler(request()))
  expect(own.events).toMatchObject([{ name: 'exception', attributes: { 'exception.message': 'expired' } }])
  receiver.reset()
  const adopted = await rootAfter(error, () => serve(() => handler(request())))
  expect(adopted.events).toEqual([])
})

test.each([
  [200, undefined],
  [404, undefined],
  [503, '503'],
])('answered with %i', async (status, type) => {
  const handler = loadRoute(async () => new Response(null, { status }))
  await handler(request())
  await Promise.all(waited)
  const [root] = receiver.spans
  expect(root!.attributes['http.response.status_code']).toBe(status)
  expect(root!.attributes['error.type']).toBe(type)
})

test('what a handler returns by mistake is for Next to refuse', async () => {
  const handler = loadRoute(async () => undefined as never)
  expect(await handler(request())).toBeUndefined()
  await Promise.all(waited)
  expect(receiver.spans).toHaveLength(1)
})

test('a proxy decides where a request goes: an answer of it is not the request’s', async () => {
  const proxy = loadProxy(async (_request: Request) => new Response(null, { status: 500 }))
  expect((await proxy(request())).status).toBe(500)
  await Promise.all(waited)
  const [span] = receiver.spans
  expect(span).toMatchObject({ name: 'middleware GET', status: { code: 0 } })
  expect(span!.attributes).not.toHaveProperty('http.response.status_code')
  expect(span!.attributes).toMatchObject({ 'url.path': '/api/users/7', 'url.query': 'token=' })
})

test('of a static route no more is read than its method: the rest would make it a dynamic one', async () => {
  const read: PropertyKey[] = []
  const spied = new Proxy(request(), {
    get(target, key) {
      read.push(key)
      return Reflect.get(target, key, target)
    },
  })
  const handler = loadRoute(async () => {
    trace.getTracer('app').startSpan('child').end()
    return new Response()
  })
  await serve(() => handler(spied))
  await handler(spied)
  await Promise.all(waited)
  expect(receiver.spans.length).toBeGreaterThan(3)
  expect(read.filter((key) => key !== 'method')).toEqual([])
})

test('the first request, which loads the route: an inner span of Next is the root and is told method and route', async () => {
  const handler = loadRoute(async () => new Response('made'), {}, 'POST')
  await inside('executing api route (app)', 'AppRouteRouteHandlers.runHandler', () => handler(request()))
  await Promise.all(waited)
  const [root] = receiver.spans
  expect([root!.name, root!.kind]).toEqual(['POST /api/users/[id]', 2])
  expect(root!.attributes).toMatchObject({ 'http.request.method': 'POST', 'http.route': '/api/users/[id]' })
})
