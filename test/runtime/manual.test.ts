/** The manual API where our provider records. */
import { trace } from '@opentelemetry/api'
import { expect, test, vi } from 'vitest'
import { als } from '../../src/runtime/context/als.ts'
import { encoding } from '../../src/runtime/encoding/json.ts'
import { host } from '../../src/runtime/hosts/aws-lambda.ts'
import { flush, isEnabled, log, sendEvent, sendException, traced, withContext } from '../../src/runtime/index.ts'
import { instrument, setup } from '../../src/runtime/node.ts'
import { onEvent } from '../../src/runtime/platforms/aws-lambda.ts'
import { slot } from '../../src/runtime/slot.ts'
import { startFileReceiver } from './file-receiver.ts'

const receiver = await startFileReceiver()
const parts = setup({}, host, als, encoding)
const tracer = trace.getTracer('a library')
const makeSpan = (name: string) => tracer.startSpan(name).end()

/** What one invocation that does this exports, by name. */
async function spansOf(run: () => unknown, count: number) {
  receiver.reset()
  const handler = instrument(
    onEvent as never,
    async (_event: object) => run(),
    { file: 'a.ts', name: 'root', line: 1 },
    parts,
  )
  await handler({})
  const spans = await receiver.waitForSpans(count)
  expect(spans).toHaveLength(count)
  return Object.fromEntries(spans.map((span) => [span.name, span]))
}

const FULL = {
  userId: 7,
  sessionId: 's',
  conversationId: 'c',
  groups: { company: 'acme', none: undefined },
  metadata: { plan: 'pro', seats: [1, 2], none: null as never },
}
const FULL_ATTRIBUTES = {
  'user.id': '7',
  'session.id': 's',
  'gen_ai.conversation.id': 'c',
  'group.company': 'acme',
  'metadata.plan': 'pro',
  'metadata.seats': [1, 2],
}

test('log: on the active span, a later value over an earlier one', async () => {
  const { root, inner } = await spansOf(async () => {
    log({ step: 1, items: ['a'] })
    traced('inner', () => log({ inside: true }))
    await Promise.resolve()
    log({ step: 2 })
  }, 2)
  expect(root!.attributes).toMatchObject({ step: 2, items: ['a'] })
  expect(inner!.attributes).toEqual({ inside: true })
})

test('sendEvent: an event of the active span, else a span of that name without a length', async () => {
  const { root, late } = await spansOf(() => {
    sendEvent('cart.checked_out', { items: 2 })
    traced('ended', (span) => {
      span.end()
      sendEvent('late', { reason: 'ended' })
    })
  }, 3)
  expect(root!.events).toMatchObject([{ name: 'cart.checked_out', attributes: { items: 2 } }])
  expect(late).toMatchObject({ attributes: { reason: 'ended' } })
  expect(late!.endMs).toBe(late!.startMs)
})

test.each(['otel.anything', 'OTel.anything'])('sendEvent: %s is reserved', (name) => {
  expect(() => sendEvent(name)).toThrow(
    `[unplugin-otel] sendEvent('${name}'): names beginning with otel. are reserved.`,
  )
})

test('sendException: once for each error, by type, message and stack; also what is no error', async () => {
  const error = new RangeError('too far')
  const { root, inner, exception } = await spansOf(() => {
    sendException(error, { order: 1 })
    sendException(error, { order: 2 })
    traced('inner', (span) => {
      sendException(error)
      sendException('a string')
      span.end()
      sendException(new TypeError('nowhere to be recorded'))
    })
  }, 3)
  expect(root).toMatchObject({
    status: { code: 2, message: 'too far' },
    attributes: { 'error.type': 'RangeError', order: 1 },
  })
  expect(root!.events).toMatchObject([
    { attributes: { 'exception.type': 'RangeError', 'exception.stacktrace': expect.stringContaining('manual.test') } },
  ])
  expect(inner!.events).toMatchObject([{ attributes: { 'exception.type': 'string', 'exception.message': 'a string' } }])
  expect(exception).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'TypeError' } })
})

test('what a hostile value throws is not thrown on', async () => {
  const hostile = new Proxy(new Error('no'), {
    get() {
      throw new Error('hostile')
    },
  })
  const { root } = await spansOf(() => {
    sendException(hostile)
    log(hostile as never)
    sendEvent('odd', hostile as never)
    expect(withContext(hostile as never, () => 1)).toBe(1)
    expect(withContext(undefined as never, () => 2)).toBe(2)
  }, 1)
  expect(root!.status.code).toBe(2)
})

test('withContext: on what is created inside, by whomever; not outside, not on the span that is active', async () => {
  const { root, before, inside, after } = await spansOf(() => {
    makeSpan('before')
    expect(withContext(FULL, () => (makeSpan('inside'), 5))).toBe(5)
    makeSpan('after')
  }, 4)
  expect(inside!.attributes).toEqual(FULL_ATTRIBUTES)
  for (const span of [before!, after!]) expect(span.attributes).toEqual({})
  expect(root!.attributes).not.toHaveProperty(['user.id'])
})

test('withContext: nested ones merge, the inner one wins, and what a span was given itself stays', async () => {
  const { both, own } = await spansOf(
    () =>
      withContext({ userId: 'outer', sessionId: 's', metadata: { a: 1, b: 1 } }, () =>
        withContext({ userId: 'inner', sessionId: undefined, metadata: { b: 2 } }, () => {
          makeSpan('both')
          tracer.startSpan('own', { attributes: { 'user.id': 'mine' } }).end()
        }),
      ),
    3,
  )
  expect(both!.attributes).toEqual({ 'user.id': 'inner', 'session.id': 's', 'metadata.a': 1, 'metadata.b': 2 })
  expect(own!.attributes).toMatchObject({ 'user.id': 'mine', 'session.id': 's' })
})

test('withContext: what is thrown or rejected, and the very promise', async () => {
  const error = new Error('mine')
  const { inside } = await spansOf(async () => {
    expect(() =>
      withContext(FULL, () => {
        throw error
      }),
    ).toThrow(error)
    const promise = Promise.reject(error)
    expect(withContext(FULL, () => promise)).toBe(promise)
    await expect(promise).rejects.toBe(error)
    await withContext(FULL, async () => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      makeSpan('inside')
    })
  }, 2)
  expect(inside!.attributes).toEqual(FULL_ATTRIBUTES)
})

test('withContext: in each step of a generator and of an async one, and what runs when it is awaited', async () => {
  const { first, last, later, lazy, between } = await spansOf(async () => {
    const sync = withContext({ userId: 'sync' }, function* () {
      makeSpan('first')
      const got: number = yield 1
      makeSpan('last')
      return got
    })
    expect(sync.next()).toEqual({ done: false, value: 1 })
    makeSpan('between')
    expect(sync.next(5)).toEqual({ done: true, value: 5 })
    const values: number[] = []
    const asynchronous = withContext({ userId: 'async' }, async function* () {
      yield 1
      await Promise.resolve()
      makeSpan('later')
      yield 2
    })
    for await (const value of asynchronous) values.push(value)
    expect(values).toEqual([1, 2])
    let runs = 0
    const query = new (class {
      readonly #rows = 3

      // oxlint-disable-next-line unicorn/no-thenable
      then(done: (rows: number) => void) {
        makeSpan('lazy')
        runs++
        done(this.#rows)
      }
    })()
    expect(await withContext({ userId: 'lazy' }, () => query)).toBe(3)
    expect(runs).toBe(1)
  }, 6)
  expect([first, last, later, lazy, between].map((span) => span!.attributes['user.id'])).toEqual([
    'sync',
    'sync',
    'async',
    'lazy',
    undefined,
  ])
})

test('isEnabled: where a span would be recorded', async () => {
  await spansOf(() => expect(isEnabled()).toBe(true), 1)
  const headers = { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00` }
  const meta = { file: 'a.ts', name: 'root', line: 1 }
  const event = { headers, httpMethod: 'GET' }
  expect(await instrument(onEvent as never, async (_event: object) => isEnabled(), meta, parts)(event)).toBe(false)
})

test('flush: what has ended so far, within the smaller of two times; no number is none', async () => {
  let early: string[] = []
  await spansOf(async () => {
    makeSpan('early')
    await flush()
    early = receiver.spans.map(({ name }) => name)
  }, 2)
  expect(early).toEqual(['early'])
  const spy = vi.spyOn(slot.tracing!.export!.exporter, 'flush')
  for (const timeoutMillis of [20, 1e9, Number.NaN, -1, '5' as never]) await flush({ timeoutMillis })
  await flush(null as never)
  expect(spy.mock.calls.map(([, , ms]) => ms)).toEqual([20, 1000, 1000, 1000, 1000, 1000])
  spy.mockRejectedValueOnce(new Error('ours'))
  expect(await flush()).toBeUndefined()
  spy.mockRestore()
})
