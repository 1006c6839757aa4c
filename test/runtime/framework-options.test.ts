/** What options say of requests, where a framework has made their roots before a handler is called. */
import { trace } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { captureHeaders } from '../../src/runtime/features/captured-headers.ts'
import { ignoreRequests } from '../../src/runtime/features/ignored.ts'
import { addResponseHeader } from '../../src/runtime/features/response-header.ts'
import { startFileReceiver } from './file-receiver.ts'
import { loadRoute, request, restart, serve } from './framework-process.ts'

const receiver = await startFileReceiver()
beforeEach(restart)
afterEach(restart)

const answer = async () => {
  trace.getTracer('app').startSpan('find').end()
  return new Response('found', { headers: { 'x-cache': 'hit' } })
}
const SOON = { batch: { interimMs: 20 } }
const OTHER = { 'http.target': '/api/orders' }

test.each([
  ['path', '^/api/users/7$'],
  ['route', '^/api/users/\\[id\\]$'],
])('ignored by its %s: neither the framework’s spans nor those of the handler, and no header', async (_, pattern) => {
  const feature = (given: Parameters<typeof ignoreRequests>[0]) =>
    ignoreRequests(addResponseHeader(given, 'x-trace-id'), pattern)
  const handler = loadRoute(answer, SOON, 'GET', feature)
  const response = await serve(() => handler(request()))
  expect([response.headers.get('x-trace-id'), await response.text()]).toEqual([null, 'found'])
  // A page, which has no handler of ours, goes out with the same batch.
  await serve(async () => new Response('page'), OTHER)
  const names = (await receiver.waitForSpans(2)).map(({ attributes }) => attributes['url.path'] ?? 'inside')
  expect(names).toEqual(['inside', '/api/orders'])
})

test('the header and what is captured; a request is not read, which would make its route a dynamic one', async () => {
  const feature = (given: Parameters<typeof ignoreRequests>[0]) =>
    addResponseHeader(captureHeaders(given, { request: ['x-tenant'], response: ['x-cache'] }), 'x-trace-id')
  const handler = loadRoute(answer, SOON, 'GET', feature)
  const read: PropertyKey[] = []
  const asked = new Proxy(request(), {
    get(target, name) {
      read.push(name)
      return Reflect.get(target, name, target)
    },
  })
  const response = await serve(() => handler(asked))
  expect(await response.text()).toBe('found')
  const root = (await receiver.waitForSpans(3)).find(({ kind }) => kind === 2)!
  expect(response.headers.get('x-trace-id')).toBe(root.traceId)
  expect(root.attributes).toMatchObject({ 'http.response.header.x-cache': ['hit'] })
  expect(new Set(read)).toEqual(new Set(['method']))
})
