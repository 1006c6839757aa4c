/** `traced` where the function gives a stream: chunks, bytes and errors as without it, and a span that ends with it. */
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { als } from '../../src/runtime/context/als.ts'
import { traced } from '../../src/runtime/index.ts'

const exporter = new InMemorySpanExporter()
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }))
context.setGlobalContextManager(als().enable())
beforeEach(() => exporter.reset())
afterAll(() => (trace.disable(), context.disable()))

const ended = () => exporter.getFinishedSpans().map(({ name }) => name)
const mark = (name: string) => trace.getTracer('a library').startSpan(name).end()
const error = new RangeError('mine')
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
const bytes = (text: string) => new TextEncoder().encode(text)
/** What a user's own code makes: chunks of anything. */
function streamOf(chunks: unknown[], then: 'close' | 'fail' = 'close', cancelled = vi.fn()) {
  const left = [...chunks]
  return new ReadableStream({
    pull(controller) {
      mark('pulled')
      if (left.length > 0) controller.enqueue(left.shift())
      else if (then === 'close') controller.close()
      else controller.error(error)
    },
    cancel: cancelled,
  })
}

describe('a stream', () => {
  test('every chunk is the very one, and the span ends with the last', async () => {
    const chunks = [{ a: 1 }, bytes('b'), 'c', '']
    const reader = traced('a', () => streamOf(chunks)).getReader()
    const values: unknown[] = []
    for (let n = 1; n < chunks.length; n++) values.push((await reader.read()).value)
    expect(ended()).not.toContain('a')
    values.push((await reader.read()).value)
    for (const [n, chunk] of chunks.entries()) expect(values[n]).toBe(chunk)
    expect(await reader.read()).toEqual({ done: true, value: undefined })
    expect(ended()).toContain('a')
    // What the stream does when it is asked is done inside.
    const { spanId } = exporter
      .getFinishedSpans()
      .find(({ name }) => name === 'a')!
      .spanContext()
    const pulled = exporter.getFinishedSpans().filter(({ name }) => name === 'pulled')
    expect(pulled.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(pulled.map(() => spanId))
  })

  test('its error is the reader’s; its cancel is its own, and said', async () => {
    const failing = traced('fails', () => streamOf(['a'], 'fail')).getReader()
    await failing.read()
    await expect(failing.read()).rejects.toBe(error)
    const cancelled = vi.fn()
    await traced('cancelled', () => streamOf(['a', 'b'], 'close', cancelled)).cancel('enough')
    expect(cancelled).toHaveBeenCalledExactlyOnceWith('enough')
    const spans = exporter.getFinishedSpans().filter(({ name }) => name !== 'pulled')
    expect(spans).toMatchObject([
      { name: 'fails', status: { code: SpanStatusCode.ERROR } },
      { name: 'cancelled', attributes: { 'unplugin_otel.end_reason': 'cancelled' }, status: { code: 0 } },
    ])
  })

  test('one of bytes fills the reader’s own buffer', async () => {
    const body = new Response('some bytes').body!
    const reader = traced('a', () => body).getReader({ mode: 'byob' })
    let text = ''
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(4))
      if (done) break
      text += new TextDecoder().decode(value)
    }
    expect([text, ended()]).toEqual(['some bytes', ['a']])
  })

  test('nothing is read before it is asked for, nor by a second reader', async () => {
    const pull = vi.fn((controller: ReadableStreamDefaultController) => controller.enqueue('a'))
    const stream = new ReadableStream({ pull }, { highWaterMark: 0 })
    const given = traced('a', () => stream)
    await nextTurn()
    expect(pull).not.toHaveBeenCalled()
    await given.getReader().read()
    expect(pull).toHaveBeenCalledOnce()
  })

  test('somebody else’s is left alone', () => {
    const locked = streamOf(['a'])
    locked.getReader()
    expect(traced('a', () => locked)).toBe(locked)
    expect(ended()).toContain('a')
  })
})

describe('a response', () => {
  test('with a body of one’s own: status, headers and bytes', async () => {
    const init = { status: 201, statusText: 'Made', headers: { 'x-a': '1', 'content-type': 'text/event-stream' } }
    const given = traced('a', () => new Response(streamOf([bytes('data: 1\n\n'), bytes('data: 2\n\n')]), init))
    expect(ended()).not.toContain('a')
    expect([given.status, given.statusText, [...given.headers]]).toEqual([
      201,
      'Made',
      [
        ['content-type', 'text/event-stream'],
        ['x-a', '1'],
      ],
    ])
    expect(await given.text()).toBe('data: 1\n\ndata: 2\n\n')
    expect(ended()).toContain('a')
  })

  test('of events that were fetched: where it is from stays', async () => {
    const response = new Response('data: 1\n\n', { headers: { 'content-type': 'text/event-stream' } })
    const from = { url: 'https://llm.example/chat', redirected: true, type: 'basic' } as const
    for (const [key, value] of Object.entries(from)) Object.defineProperty(response, key, { value })
    const given = await traced('a', async () => response)
    expect(given).toMatchObject(from)
    expect([ended(), await given.text(), ended()]).toEqual([[], 'data: 1\n\n', ['a']])
  })

  test('whose body is there as a whole, or read, or more than a Response: the very one', async () => {
    class Own extends Response {}
    const own = new Own(streamOf([]))
    const read = new Response(streamOf([bytes('a')]))
    await read.text()
    for (const response of [new Response('{}'), new Response(null, { status: 204 }), own, read]) {
      expect(traced('a', () => response)).toBe(response)
    }
    expect(ended().filter((name) => name === 'a')).toHaveLength(4)
  })
})

describe('a Readable of Node', () => {
  test('is the very one, flows only when it is read, and has no listener for its errors', async () => {
    const readable = Readable.from([Buffer.from('a'), Buffer.from('b')])
    expect(traced('a', () => readable)).toBe(readable)
    await nextTurn()
    expect([readable.readableFlowing, readable.listenerCount('error'), ended()]).toEqual([null, 0, []])
    expect(String(await buffer(readable))).toBe('ab')
    expect(exporter.getFinishedSpans()).toMatchObject([{ name: 'a', attributes: {} }])
  })

  test('ends with its error, or when it is destroyed', async () => {
    const failing = traced('fails', () => new Readable({ read() {} }))
    failing.on('error', () => {})
    failing.destroy(error)
    traced('cancelled', () => new Readable({ read() {} })).destroy()
    await nextTurn()
    expect(exporter.getFinishedSpans()).toMatchObject([
      { name: 'fails', status: { code: SpanStatusCode.ERROR, message: 'mine' } },
      { name: 'cancelled', attributes: { 'unplugin_otel.end_reason': 'cancelled' } },
    ])
    traced('over', () => failing)
    expect(ended()).toContain('over')
  })
})
