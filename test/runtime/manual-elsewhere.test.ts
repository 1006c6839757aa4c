/** The manual API without us: nothing registered, a provider of the user's own, and no AsyncLocalStorage. */
import { context, trace, type TracerProvider as ApiTracerProvider } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { als } from '../../src/runtime/context/als.ts'
import { stack } from '../../src/runtime/context/stack.ts'
import { flush, isEnabled, log, sendEvent, sendException, traced, withContext } from '../../src/runtime/index.ts'
import { slot } from '../../src/runtime/slot.ts'

const warn = vi.spyOn(console, 'warn').mockReturnValue()
const warnings = () => warn.mock.calls.map(String)

afterEach(() => {
  trace.disable()
  context.disable()
  slot.warned.clear()
  warn.mockClear()
})

function register(createContextManager = als) {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  trace.setGlobalTracerProvider(provider)
  context.setGlobalContextManager(createContextManager().enable())
  const attributesOf = () =>
    Object.fromEntries(exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes]))
  return { exporter, provider, attributesOf }
}

test('nothing registered: the user’s code runs, and its values are the very ones', async () => {
  expect(isEnabled()).toBe(false)
  const iterator = [1][Symbol.iterator]()
  const stream = new ReadableStream()
  const promise = Promise.resolve(1)
  const error = new Error('mine')
  for (const value of [iterator, stream, promise, undefined, 7]) {
    expect(withContext({ userId: 'u' }, () => value)).toBe(value)
    expect(traced('mine', () => value)).toBe(value)
  }
  const fail = () => {
    throw error
  }
  expect(() => withContext({ userId: 'u' }, fail)).toThrow(error)
  expect(() => traced('mine', fail)).toThrow(error)
  log({ a: 1 })
  sendEvent('a')
  sendException(error)
  expect(() => sendEvent('otel.a')).toThrow('reserved')
  expect(await flush({ timeoutMillis: 5 })).toBeUndefined()
  expect(warnings()).toEqual([])
})

describe('a provider of the user’s own', () => {
  test('withContext reaches also the tracers that libraries have; what was given to the span itself stays', async () => {
    const { provider, attributesOf } = register()
    const tracer = provider.getTracer('a library')
    tracer.startSpan('before').end()
    await withContext({ userId: 'u', metadata: { a: 1 } }, async () => {
      await Promise.resolve()
      tracer.startSpan('early').end()
      tracer.startActiveSpan('active', (span) => span.end())
      trace
        .getTracer('another')
        .startSpan('own', { attributes: { 'user.id': 'mine' } })
        .end()
    })
    withContext({ userId: 'twice' }, () => tracer.startSpan('again').end())
    tracer.startSpan('after').end()
    const both = { 'user.id': 'u', 'metadata.a': 1 }
    expect(attributesOf()).toEqual({
      before: {},
      early: both,
      active: both,
      own: { 'user.id': 'mine', 'metadata.a': 1 },
      again: { 'user.id': 'twice' },
      after: {},
    })
    expect(warnings()).toEqual([])
  })

  test('log, sendEvent, sendException and isEnabled are its own; flush tells it to', async () => {
    const { exporter, provider } = register()
    expect(isEnabled()).toBe(true)
    traced('mine', () => {
      log({ a: 1 })
      sendEvent('b')
      sendException(new TypeError('c'))
    })
    sendEvent('alone', { d: 1 })
    const [mine, alone] = exporter.getFinishedSpans()
    expect(mine).toMatchObject({ attributes: { a: 1, 'error.type': 'TypeError' }, status: { code: 2 } })
    expect(mine!.events.map(({ name }) => name)).toEqual(['b', 'exception'])
    expect(alone).toMatchObject({ name: 'alone', attributes: { d: 1 }, duration: [0, 0] })
    const forceFlush = vi.spyOn(provider, 'forceFlush')
    await flush()
    expect(forceFlush).toHaveBeenCalledOnce()
  })

  test('one whose tracers are objects of their own is not reached, which is said', () => {
    const tracer = { startSpan: vi.fn(() => trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 })) }
    trace.setGlobalTracerProvider({ getTracer: () => tracer } as never as ApiTracerProvider)
    for (let n = 0; n < 2; n++) expect(withContext({ userId: 'u' }, () => n)).toBe(n)
    expect(warnings()).toEqual([expect.stringMatching(/withContext\(\) does not reach[^]*UO231/)])
  })
})

describe('without AsyncLocalStorage', () => {
  test('what is synchronous works, each step of a generator, too, and nothing is said', async () => {
    const { attributesOf } = register(stack)
    const make = (name: string) => trace.getTracer('a').startSpan(name).end()
    withContext({ userId: 'u' }, () => make('sync'))
    const steps = withContext({ userId: 'u' }, function* () {
      yield make('step')
    })
    expect([...steps]).toEqual([undefined])
    await Promise.resolve()
    expect(attributesOf()).toEqual({ sync: { 'user.id': 'u' }, step: { 'user.id': 'u' } })
    expect(warnings()).toEqual([])
  })

  test.each<[string, () => unknown]>([
    ['withContext of a promise', () => withContext({ userId: 'u' }, async () => 'done')],
    [
      'withContext of an async generator',
      () =>
        withContext({ userId: 'u' }, async function* () {
          yield 1
        }).next(),
    ],
    ['log after an await', () => Promise.resolve().then(() => log({ a: 1 }))],
    ['traced after an await', () => Promise.resolve().then(() => traced('a', () => {}))],
    ['sendEvent after an await', () => Promise.resolve().then(() => sendEvent('a'))],
  ])('%s: said once, with what is missing', async (_, run) => {
    register(stack)
    for (let n = 0; n < 2; n++) await run()
    await new Promise((resolve) => setTimeout(resolve))
    expect(warnings()).toEqual([expect.stringMatching(/lost at the first await[^]*nodejs_als[^]*UO230/)])
  })

  test('with it, nothing is said', async () => {
    register()
    expect(await withContext({ userId: 'u' }, async () => 'done')).toBe('done')
    sendEvent('a')
    await new Promise((resolve) => setTimeout(resolve))
    expect(warnings()).toEqual([])
  })
})
