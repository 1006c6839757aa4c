/** A framework's own spans become the invocation's: the root is its, and nothing is there twice. */
import { setTimeout as sleep } from 'node:timers/promises'
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { slot } from '../../src/runtime/slot.ts'
import type { SpanNode } from '../harness/otlp-receiver.ts'
import { startFileReceiver } from './file-receiver.ts'
import { hostRequests, inside, loadProxy, loadRoute, request, restart, serve } from './framework-process.ts'

const tracer = trace.getTracer('app')
const answer = async () => {
  tracer.startSpan('find').end()
  return new Response('found')
}
const receiver = await startFileReceiver()
beforeEach(restart)
afterEach(restart)

const namesOf = ({ name, children }: SpanNode): unknown => [name, ...children.map(namesOf)]
/** Long enough that only what should send has sent. */
const SLOW = { batch: { interimMs: 60_000 } }

describe('the root of a request', () => {
  test('is the framework’s, once, with what only the handler knows', async () => {
    const handler = loadRoute(answer, { batch: { interimMs: 20 } })
    const response = await serve(() => handler(request()))
    expect(await response.text()).toBe('found')
    const spans = await receiver.waitForSpans(3)
    expect(spans.filter(({ kind }) => kind === 2)).toHaveLength(1)
    const [{ roots: [root] } = { roots: [] }] = receiver.traces()
    expect(namesOf(root!)).toEqual(['GET /api/users/[id]', ['executing api route (app)', ['find']]])
    expect(root!.attributes).toMatchObject({
      'code.file.path': 'app/(shop)/api/users/[id]/route.ts',
      'code.function.name': 'GET',
      'http.route': '/api/users/[id]',
      'http.response.status_code': 200,
      'url.query': 'token=',
    })
    expect(JSON.stringify(spans)).not.toContain('s3cret')
    expect(root!.resource['telemetry.distro.name']).toBe('unplugin-otel')
  })

  test('a HEAD that GET answers is one', async () => {
    const handler = loadRoute(answer, { batch: { interimMs: 20 } })
    await serve(() => handler(new Request('http://localhost/api/users/7', { method: 'HEAD' })), {
      'http.method': 'HEAD',
    })
    const spans = await receiver.waitForSpans(3)
    expect(spans.find(({ kind }) => kind === 2)).toMatchObject({
      name: 'HEAD /api/users/[id]',
      attributes: { 'http.request.method': 'HEAD', 'code.function.name': 'GET' },
    })
  })

  test('of 50 at once: each trace is whole', async () => {
    const handler = loadRoute(
      async () => {
        await sleep(Math.random() * 10)
        return answer()
      },
      { batch: { interimMs: 20 } },
    )
    await Promise.all(Array.from({ length: 50 }, () => serve(() => handler(request()))))
    await receiver.waitForSpans(150)
    expect(receiver.traces().map(({ roots }) => roots.map(namesOf))).toEqual(
      Array.from({ length: 50 }, () => [['GET /api/users/[id]', ['executing api route (app)', ['find']]]]),
    )
    expect(slot.active.size).toBe(0)
  })

  test('of a page, which has no handler of ours', async () => {
    loadRoute(answer, { batch: { interimMs: 20 } })
    await serve(async () => tracer.startSpan('query').end())
    expect((await receiver.waitForSpans(3)).map(({ name }) => name)).toEqual([
      'query',
      'executing api route (app)',
      'GET',
    ])
  })

  test('a proxy and a route in one request add nothing of their own', async () => {
    const proxy = loadProxy(async (_request: Request) => undefined)
    const handler = loadRoute(answer, SLOW)
    await serve(async () => {
      await proxy(request())
      return handler(request())
    })
    slot.tracing!.export!.exporter.send(slot.orphans.splice(0), new Set())
    const spans = await receiver.waitForSpans(3)
    expect(spans.map(({ name }) => name)).toEqual(['find', 'executing api route (app)', 'GET /api/users/[id]'])
  })

  test('what the framework does for itself is no trace: modules that it loads at the start', async () => {
    const handler = loadRoute(answer, { batch: { interimMs: 20 } })
    await inside('start', 'NextNodeServer.prepare', async () => tracer.startSpan('from a module').end())
    await serve(() => handler(request()))
    await sleep(50)
    const names = receiver.spans.map(({ name }) => name)
    expect(names).not.toContain('start')
    expect(names).toContain('GET /api/users/[id]')
  })

  test('whose caller wants it unrecorded: nor is one of ours', async () => {
    const handler = loadRoute(answer, { batch: { interimMs: 20 } })
    const caller = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 0, isRemote: true }
    await context.with(trace.setSpanContext(ROOT_CONTEXT, caller), () => serve(() => handler(request())))
    await serve(() => handler(request()))
    await receiver.waitForSpans(3)
    await sleep(50)
    expect(receiver.traces()).toHaveLength(1)
    expect(slot.active.size).toBe(0)
  })

  test('a framework that makes none gets one', async () => {
    hostRequests()
    await loadRoute(answer)(request())
    const spans = await receiver.waitForSpans(2)
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
      ['find', 1],
      ['GET /api/users/[id]', 2],
    ])
  })

  test('came before the runtime, so the caller that the platform knows of is linked', async () => {
    const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
    hostRequests({ traceparent })
    const handler = loadRoute(answer)
    await serve(() => handler(request()))
    const spans = await receiver.waitForSpans(3)
    const root = spans.find(({ kind }) => kind === 2)
    expect(root!.links).toMatchObject([{ traceId: '1'.repeat(32), spanId: '2'.repeat(16) }])
  })
})

describe('nothing freezes: in batches', () => {
  test('requests within a second share one export, by the timer', async () => {
    const handler = loadRoute(answer, { batch: { interimMs: 100 } })
    for (let i = 0; i < 5; i++) await serve(() => handler(request()))
    expect(receiver.requests).toHaveLength(0)
    await receiver.waitForSpans(15)
    expect(receiver.requests).toHaveLength(1)
    await serve(() => handler(request()))
    await receiver.waitForSpans(18)
    expect(receiver.requests).toHaveLength(2)
  })

  test('of more spans than the limit the rest is left out, which is said', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const handler = loadRoute(answer, { batch: { interimMs: 20 }, limits: { spansPerInvocation: 1 } })
    await serve(() => handler(request()))
    const spans = await receiver.waitForSpans(2)
    expect(spans.map(({ name }) => name)).toEqual(['find', 'GET /api/users/[id]'])
    expect(spans[1]!.attributes['unplugin_otel.dropped_spans']).toBe(1)
    expect(warn.mock.calls.join()).toMatch(/1 of 2 spans left out.*\nUO213/)
    warn.mockRestore()
  })

  test('a full batch does not wait for it', async () => {
    const handler = loadRoute(answer, { batch: { interimMs: 60_000, maxExportBatchSize: 6 } })
    await serve(() => handler(request()))
    await sleep(20)
    expect(receiver.requests).toHaveLength(0)
    await serve(() => handler(request()))
    await receiver.waitForSpans(6)
    expect(slot.orphans).toHaveLength(0)
  })

  test('a span that outlives its request goes with a later one', async () => {
    let late = tracer.startSpan('placeholder')
    const handler = loadRoute(
      async () => {
        late = tracer.startSpan('late')
        return new Response()
      },
      { batch: { interimMs: 20 } },
    )
    await serve(() => handler(request()))
    await receiver.waitForSpans(2)
    late.end()
    const spans = await receiver.waitForSpans(3)
    expect(spans[2]).toMatchObject({ name: 'late', traceId: spans[0]!.traceId })
  })

  test('a handler that is called once its request is over has a root of its own, below that one', async () => {
    const handler = loadRoute(async () => new Response(), { batch: { interimMs: 20 } })
    const later = await serve(async () => context.bind(context.active(), () => handler(request())))
    await later()
    const spans = await receiver.waitForSpans(3)
    expect(spans[2]).toMatchObject({ name: 'GET /api/users/[id]', kind: 2, parentSpanId: spans[0]!.spanId })
    expect(slot.active.size).toBe(0)
  })
})

test('a platform that waits gets one promise a request, which settles once its spans have arrived', async () => {
  const waited = hostRequests()
  const handler = loadRoute(answer, SLOW)
  await serve(() => handler(request()))
  expect(waited).toHaveLength(1)
  await waited[0]
  expect(receiver.spans).toHaveLength(3)
  expect(process.listenerCount('SIGTERM')).toBe(0)
})

test('what ends while a late span is sent keeps the platform waiting, too', async () => {
  const waited = hostRequests()
  const handler = loadRoute(answer, SLOW)
  const inRequest = await serve(async () => {
    await handler(request())
    return context.active()
  })
  await waited[0]
  await receiver.set({ delayMs: 60 })
  tracer.startSpan('one', {}, inRequest).end()
  await sleep(20)
  tracer.startSpan('two', {}, inRequest).end()
  // More may be added meanwhile.
  for (const work of waited) await work
  await receiver.set({ delayMs: 0 })
  expect(receiver.spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['one', 'two']))
})
