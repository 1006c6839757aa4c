/** A framework's spans where the user's own provider was there first: it keeps them all. */
import { context, SpanKind, trace } from '@opentelemetry/api'
import { BatchSpanProcessor, InMemorySpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { als } from '../../src/runtime/context/als.ts'
import { startFileReceiver } from './file-receiver.ts'
import { hostRequests, loadRoute, request, restart, serve } from './framework-process.ts'

const exporter = new InMemorySpanExporter()
const spanProcessors = [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 60_000 })]
const receiver = await startFileReceiver()

afterAll(restart)
beforeEach(() => {
  restart()
  exporter.reset()
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors }))
  context.setGlobalContextManager(als().enable())
})

test('one SERVER span, the user’s; it is flushed for a platform that freezes, and said once', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  const handler = loadRoute(async () => {
    trace.getTracer('app').startSpan('find').end()
    return new Response(null, { status: 204 })
  })
  for (let n = 1; n <= 2; n++) {
    const waited = hostRequests()
    await serve(() => handler(request()))
    await Promise.all(waited)
    const spans = exporter.getFinishedSpans()
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual(
      Array.from({ length: n }, () => [
        ['find', SpanKind.INTERNAL],
        ['executing api route (app)', SpanKind.INTERNAL],
        ['GET', SpanKind.SERVER],
      ]).flat(),
    )
    // What only the handler knows is on the framework's span around it.
    expect(spans.at(-2)!.attributes).toMatchObject({ 'http.response.status_code': 204 })
  }
  expect(receiver.requests).toHaveLength(0)
  expect(warn.mock.calls.map(String)).toEqual([expect.stringContaining('another OpenTelemetry provider')])
})

test('a handler’s error is the caller’s, and recorded once', async () => {
  vi.spyOn(console, 'warn').mockReturnValue()
  const error = new TypeError('expired')
  const handler = loadRoute(async () => Promise.reject(error))
  await expect(serve(() => handler(request()))).rejects.toBe(error)
  await spanProcessors[0]!.forceFlush()
  const events = exporter.getFinishedSpans().flatMap((span) => span.events)
  expect(events.map(({ name }) => name)).toEqual(['exception'])
})
