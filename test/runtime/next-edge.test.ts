/** The edge runtime, as far as it needs no Next: test/next.test.ts has the real one. */
import { SpanKind, trace } from '@opentelemetry/api'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startFileReceiver } from './file-receiver.ts'
import { hostRequests, loadEdgeRoute, request, restart } from './framework-process.ts'

const receiver = await startFileReceiver()

beforeAll(() => void vi.stubGlobal('EdgeRuntime', 'edge-runtime'))
afterAll(() => void vi.unstubAllGlobals())
beforeEach(restart)
afterEach(restart)

/** All that Next records of a route there: that it ran. */
function serve(run: () => Promise<Response>): Promise<Response> {
  const attributes = { 'next.span_type': 'AppRouteRouteHandlers.runHandler' }
  return trace.getTracer('next.js').startActiveSpan('executing api route', { attributes }, async (span) => {
    try {
      return await run()
    } finally {
      span.end()
    }
  })
}

const answer = async () => {
  trace.getTracer('app').startSpan('find').end()
  return new Response('found', { status: 203 })
}

describe.each([
  ['waitUntil', {}, true],
  ['nobody who waits', {}, false],
  ["batching: 'interval'", { flush: { mode: 'interval' as const } }, true],
])('with %s', (_, options, isHosted) => {
  test('what Next records becomes the SERVER span, and all of it arrives', async () => {
    const waited = isHosted ? hostRequests() : []
    const handler = loadEdgeRoute(answer, options)
    expect(await (await serve(() => handler(request()))).text()).toBe('found')
    await Promise.all(waited)
    const spans = await receiver.waitForSpans(2)
    expect(spans.map(({ name }) => name)).toEqual(['find', 'GET /api/users/[id]'])
    expect(spans[1]).toMatchObject({
      kind: SpanKind.SERVER + 1,
      attributes: {
        'http.route': '/api/users/[id]',
        'http.response.status_code': 203,
        'http.request.method': 'GET',
        'url.path': '/api/users/7',
        'url.query': 'token=',
      },
    })
    expect(JSON.stringify(spans)).not.toContain('s3cret')
    // A context of the edge runtime has no process to listen on.
    expect(process.listenerCount('SIGTERM')).toBe(0)
  })
})
