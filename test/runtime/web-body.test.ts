/** The body of a response, observed: what the reader gets, when it is read, and how long the root is held. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { context, trace } from '@opentelemetry/api'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { als } from '../../src/runtime/context/als.ts'
import { observeBody } from '../../src/runtime/web-body.ts'
import { begin, createBody, openSpan, turn } from './bodies.ts'

const FIRST_BYTE = 'unplugin_otel.time_to_first_byte'
const STREAM = { headers: { 'content-type': 'text/event-stream' } }
test('an engine without FinalizationRegistry', async () => {
  vi.stubGlobal('FinalizationRegistry', undefined)
  vi.resetModules()
  const { observeBody: observe } = await import('../../src/runtime/web-body.ts').finally(() => vi.unstubAllGlobals())
  const { invocation, isHeld } = begin()
  expect(await observe('GET', new Response('a', STREAM), invocation)!.text()).toBe('a')
  expect(await isHeld()).toBe(false)
})

describe('which', () => {
  test.each(['text/event-stream', 'Text/Event-Stream; charset=utf-8', 'application/x-ndjson', 'application/jsonl'])(
    'a stream by its type: %s',
    (type) => {
      const { invocation } = begin()
      expect(observeBody('GET', new Response('a', { headers: { 'content-type': type } }), invocation)).toBeInstanceOf(
        Response,
      )
    },
  )

  test('any, while a child span is open: it may end with the body', async () => {
    const { invocation, root } = begin()
    expect(observeBody('GET', new Response('a'), invocation)).toBeUndefined()
    invocation.open.add(openSpan())
    expect(await observeBody('GET', new Response('a'), invocation)!.text()).toBe('a')
    // It is not streamed for that.
    expect(root.attributes).toEqual({})
  })

  test('any that the user’s own code makes, which may do so as it is read: also as an SDK of a model does', async () => {
    const text = () =>
      new ReadableStream<string>({ pull: (controller) => (controller.enqueue('tök'), controller.close()) })
    const bodies = [createBody(['a']).body, text().pipeThrough(new TextEncoderStream())]
    for (const body of bodies) {
      const { invocation, root } = begin()
      const observed = observeBody('GET', new Response(body, { headers: { 'content-type': 'text/plain' } }), invocation)
      expect(await observed!.text()).toMatch(/^(a|tök)$/)
      expect(root.attributes).toEqual({ [FIRST_BYTE]: expect.any(Number) })
    }
    const { invocation } = begin()
    for (const whole of ['text', new Blob(['file']), new Uint8Array(3), new URLSearchParams('a=1')])
      expect(observeBody('GET', new Response(whole), invocation)).toBeUndefined()
  })

  test('none that is locked or not there, which stay as they are', async () => {
    const { invocation, isHeld } = begin()
    expect(observeBody('GET', new Response(null, STREAM), invocation)).toBeUndefined()
    expect(observeBody('HEAD', new Response('never read', STREAM), invocation)).toBeUndefined()
    const locked = new Response('mine', STREAM)
    const reader = locked.body!.getReader()
    expect(observeBody('GET', locked, invocation)).toBeUndefined()
    reader.releaseLock()
    expect(await locked.text()).toBe('mine')
    const used = new Response('read', STREAM)
    await used.text()
    expect(observeBody('GET', used, invocation)).toBeUndefined()
    expect(await isHeld()).toBe(false)
  })
})

test('status, its text and headers are those of the response, cookies one by one', () => {
  const headers = new Headers(STREAM.headers)
  headers.append('set-cookie', 'a=1')
  headers.append('set-cookie', 'b=2')
  const { invocation } = begin()
  const response = observeBody('GET', new Response('a', { status: 418, statusText: 'Teapot', headers }), invocation)!
  expect([response.status, response.statusText, response.headers.getSetCookie()]).toEqual([
    418,
    'Teapot',
    ['a=1', 'b=2'],
  ])
})

describe('reading', () => {
  test('the bytes and chunks of the user, held until the end', async () => {
    const { invocation, isHeld, root } = begin()
    const chunks = ['data: 1\n\n', 'data: ü\n\n', 'data: 3\n\n']
    const reader = observeBody('GET', new Response(createBody(chunks).body, STREAM), invocation)!.body!.getReader()
    const seen: string[] = []
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      seen.push(new TextDecoder().decode(value))
      expect(await isHeld()).toBe(true)
    }
    expect(seen).toEqual(chunks)
    expect(await isHeld()).toBe(false)
    expect(root.attributes).toEqual({ [FIRST_BYTE]: expect.any(Number) })
  })

  test('nothing is asked for before the reader asks, and never ahead', async () => {
    const { invocation } = begin()
    const { body, asked } = createBody(['a', 'b', 'c'])
    const reader = observeBody('GET', new Response(body, STREAM), invocation)!.body!.getReader()
    await turn()
    await turn()
    expect(asked).toEqual([])
    await reader.read()
    await turn()
    await turn()
    expect(asked).toEqual([0])
    await reader.read()
    expect(asked).toEqual([0, 1])
  })

  test('where the caller waits for the export, so does the end of the body, and nothing before it', async () => {
    const { invocation } = begin()
    let exported!: () => void
    invocation.keepAlive = 'before'
    invocation.finish = () => new Promise((resolve) => (exported = resolve))
    const body = observeBody('GET', new Response(createBody(['a']).body, STREAM), invocation)!.body!
    // The handler has returned: its flush is the body's now.
    await invocation.finish()
    const reader = body.getReader()
    expect((await reader.read()).value).toEqual(new Uint8Array([97]))
    let isDone = false
    const end = reader.read().then(({ done }) => (isDone = done))
    for (let turns = 0; turns < 4; turns++) await turn()
    expect(isDone).toBe(false)
    exported()
    expect(await end).toBe(true)
  })

  test('a chunk is passed on while the next one is not there', async () => {
    const { invocation } = begin()
    let controller!: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({ start: (own) => void (controller = own) })
    const reader = observeBody('GET', new Response(body, STREAM), invocation)!.body!.getReader()
    controller.enqueue(new Uint8Array([1]))
    expect(await reader.read()).toEqual({ done: false, value: new Uint8Array([1]) })
  })

  test('an error on the way: the very same for the reader, and on the root', async () => {
    const { invocation, isHeld, root } = begin()
    const error = new RangeError('the card has expired')
    const reader = observeBody(
      'GET',
      new Response(createBody(['a', error]).body, STREAM),
      invocation,
    )!.body!.getReader()
    await reader.read()
    await expect(reader.read()).rejects.toBe(error)
    expect(await isHeld()).toBe(false)
    expect(root.attributes['error.type']).toBe('RangeError')
    expect(root.status).toEqual({ code: 2, message: 'the card has expired' })
    expect(root.events).toMatchObject([{ name: 'exception' }])
  })

  test('who stops reading cancels the user’s stream with the reason, and that is no error', async () => {
    const { invocation, isHeld, root } = begin()
    const { body, cancelled } = createBody(['a', 'b'])
    const reader = observeBody('GET', new Response(body, STREAM), invocation)!.body!.getReader()
    await reader.read()
    const reason = new Error('the tab was closed')
    await reader.cancel(reason)
    expect(cancelled()).toBe(reason)
    expect(await isHeld()).toBe(false)
    expect(root.attributes).toEqual({ [FIRST_BYTE]: expect.any(Number), 'unplugin_otel.end_reason': 'cancelled' })
    expect(root.status.code).toBe(0)
  })

  test('the time to the first byte is that of the first chunk, in seconds, and an empty body has none', async () => {
    const { invocation, root } = begin()
    const late = { ...invocation, began: Date.now() - 1500 }
    const reader = observeBody('GET', new Response(createBody(['a', 'b']).body, STREAM), late)!.body!.getReader()
    await turn()
    expect(root.attributes).toEqual({})
    await reader.read()
    const noted = root.attributes[FIRST_BYTE] as number
    expect(Math.floor(noted)).toBe(1)
    await reader.read()
    await reader.read()
    expect(root.attributes).toEqual({ [FIRST_BYTE]: noted })
    const empty = begin()
    expect(await observeBody('GET', new Response(createBody([]).body, STREAM), empty.invocation)!.text()).toBe('')
    expect(empty.root.attributes).toEqual({})
  })

  test('made as it is read or cancelled, a body is still made inside of the root', async () => {
    context.setGlobalContextManager(als())
    onTestFinished(() => context.disable())
    const { invocation, root } = begin()
    const seen: unknown[] = []
    const note = () => void seen.push(trace.getActiveSpan())
    const source = {
      pull(controller: ReadableStreamDefaultController<Uint8Array>) {
        note()
        controller.enqueue(new Uint8Array(1))
      },
      cancel: note,
    }
    const body = new ReadableStream<Uint8Array>(source, { highWaterMark: 0 })
    const reader = observeBody('GET', new Response(body, STREAM), invocation)!.body!.getReader()
    await reader.read()
    await reader.read()
    await reader.cancel()
    expect(seen).toEqual([root, root, root])
  })

  test.each(['before', 'after'] as const)('a context manager that fails %s: all is read, once', async (when) => {
    const fail = () => {
      throw new Error('not mine')
    }
    const manager = {
      ...als(),
      active: () => als().active(),
      with: (_: unknown, run: () => unknown) => (when === 'before' || run(), fail()),
    }
    context.setGlobalContextManager(manager as never)
    onTestFinished(() => context.disable())
    const { invocation } = begin()
    const { body, asked } = createBody(['a', 'b'])
    expect(await observeBody('GET', new Response(body, STREAM), invocation)!.text()).toBe('ab')
    expect(asked).toEqual([0, 1, 2])
  })

  test('one that is given away and never read does not hold its invocation for ever', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const { invocation, isHeld, root } = begin()
    observeBody('GET', new Response(createBody(['a']).body, STREAM), invocation)
    expect(await isHeld()).toBe(true)
    await expect.poll(() => (collect(), isHeld())).toBe(false)
    expect(root.attributes).toEqual({ 'unplugin_otel.end_reason': 'cancelled' })
  })

  test('before the first chunk, too; what the user’s `cancel` throws is the reader’s', async () => {
    const { invocation, isHeld } = begin()
    const error = new Error('cannot stop')
    const body = new ReadableStream<Uint8Array>({ cancel: () => Promise.reject(error) })
    await expect(observeBody('GET', new Response(body, STREAM), invocation)!.body!.cancel('enough')).rejects.toBe(error)
    expect(await isHeld()).toBe(false)
  })

  test.each<[string, (controller: ReadableStreamDefaultController<Uint8Array>) => void]>([
    ['a chunk', (controller) => controller.enqueue(new Uint8Array([1]))],
    ['the end', (controller) => controller.close()],
    ['an error', (controller) => controller.error(new Error('aborted'))],
  ])('%s that comes while it is cancelled goes nowhere, and is no error either', async (_, give) => {
    const { invocation, isHeld, root } = begin()
    let controller!: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({
      start: (own) => void (controller = own),
      cancel: () => turn().then(() => give(controller)),
    })
    const reader = observeBody('GET', new Response(body, STREAM), invocation)!.body!.getReader()
    const pending = reader.read()
    await turn()
    await reader.cancel('enough').catch(() => {})
    expect(await pending).toEqual({ done: true, value: undefined })
    expect(await isHeld()).toBe(false)
    expect(root.attributes).toEqual({ 'unplugin_otel.end_reason': 'cancelled' })
  })
})
