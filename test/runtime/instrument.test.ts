/** The wrapper in one process, many invocations at once: transparency, ownership of spans, callbacks. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import { describe, expect, test, vi } from 'vitest'
import { als } from '../../src/runtime/context/als.ts'
import { encoding } from '../../src/runtime/encoding/json.ts'
import { host } from '../../src/runtime/hosts/aws-lambda.ts'
import { instrument, setup } from '../../src/runtime/node.ts'
import { onEvent } from '../../src/runtime/platforms/aws-lambda.ts'
import { traced } from '../../src/runtime/index.ts'
import { slot } from '../../src/runtime/slot.ts'
import { startFileReceiver } from './file-receiver.ts'

const meta = { file: 'src/app.ts', name: 'handler', line: 1 }
const parts = setup({}, host, als, encoding)
const wrap = <H>(handler: H): H => instrument(onEvent as never, handler, meta, parts)
const lambdaContext = (more = {}) => ({
  awsRequestId: crypto.randomUUID(),
  functionName: 'app',
  getRemainingTimeInMillis: () => 3000,
  ...more,
})
const tracer = trace.getTracer('user')
const receiver = await startFileReceiver()

describe('transparency', () => {
  test('name, length, symbols and other properties are the handler’s own', () => {
    const streaming = Symbol.for('aws.lambda.runtime.handler.streaming')
    const handler = Object.assign(async function original(_event: unknown, _context: unknown) {}, {
      [streaming]: 'response',
      use: () => 1,
    })
    const wrapper = wrap(handler)
    expect(wrapper).not.toBe(handler)
    expect([wrapper.name, wrapper.length, wrapper[streaming], wrapper.use()]).toEqual(['original', 2, 'response', 1])
    expect(Reflect.ownKeys(wrapper)).toEqual(Reflect.ownKeys(handler))
  })

  test('`this`, arguments, sync values and the very error', async () => {
    const error = new Error('the very one')
    const object = {
      n: 5,
      add: wrap(function (this: { n: number }, event: { n: number }) {
        return this.n + event.n
      }),
      fail: wrap((_event: object) => {
        throw error
      }),
    }
    expect(object.add({ n: 2 })).toBe(7)
    expect(() => object.fail({})).toThrow(error)
    await expect(wrap(async (_event: object) => Promise.reject(error))({})).rejects.toBe(error)
    const value = { same: true }
    expect(await wrap(async (_event: object) => value)({})).toBe(value)
    await receiver.waitForSpans(4)
  })

  test('what is no function is left alone; a wrapper under another name wraps the original', async () => {
    expect(wrap(7)).toBe(7)
    expect(wrap(undefined)).toBeUndefined()
    const calls: number[] = []
    const twice = wrap(wrap(async (event: { n: number }) => void calls.push(event.n)))
    await twice({ n: 1 })
    expect(calls).toEqual([1])
    expect(await receiver.waitForSpans(1)).toHaveLength(1)
  })
})

describe('whose span is it', () => {
  test('100 at once: every trace is complete and unmixed', async () => {
    const handler = wrap(async (event: { n: number }) => {
      await sleep(Math.random() * 20)
      return tracer.startActiveSpan(`child ${event.n}`, async (span) => {
        await sleep(Math.random() * 20)
        span.end()
        return event.n
      })
    })
    const results = await Promise.all(Array.from({ length: 100 }, (_, n) => handler({ n })))
    expect(results).toEqual(Array.from({ length: 100 }, (_, n) => n))
    await receiver.waitForSpans(200, 5000)
    const traces = receiver.traces()
    expect(traces).toHaveLength(100)
    for (const { roots } of traces) expect(roots).toMatchObject([{ kind: 2, children: [{ children: [] }] }])
    expect(slot.active.size).toBe(0)
  })

  test('an invocation that ends does not end the root of one that began while it was the only one', async () => {
    const waiting = setup({}, { ...host, keepAlive: () => 'before' as const }, als, encoding)
    const handler = instrument(
      onEvent as never,
      async ({ ms, fails }: { ms: number; fails: boolean }) => {
        await sleep(ms)
        if (fails) throw new TypeError('late')
      },
      meta,
      waiting,
    )
    const first = handler({ ms: 10, fails: false })
    await expect(handler({ ms: 40, fails: true })).rejects.toThrow('late')
    await first
    const spans = await receiver.waitForSpans(2)
    const second = spans.find(({ status }) => status.code === 2)
    expect(second).toMatchObject({ attributes: { 'error.type': 'TypeError' } })
    expect(second!.attributes).not.toHaveProperty('unplugin_otel.end_reason')
  })

  test('the same remote parent twice at once does not mix or end one another', async () => {
    const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
    const handler = wrap(async (event: { ms: number; headers: object; httpMethod: string }) => {
      await sleep(event.ms)
      tracer.startSpan(`after ${event.ms}`).end()
    })
    const call = (ms: number) => handler({ ms, headers: { traceparent }, httpMethod: 'GET' })
    await Promise.all([call(5), call(40)])
    const spans = await receiver.waitForSpans(4)
    const roots = spans.filter(({ kind }) => kind === 2)
    expect(roots.map(({ traceId }) => traceId)).toEqual(['1'.repeat(32), '1'.repeat(32)])
    const slow = spans.find(({ name }) => name === 'after 40')
    expect(roots.some(({ spanId }) => spanId === slow?.parentSpanId)).toBe(true)
  })

  test('a span that lost its context belongs to the only active invocation', async () => {
    const handler = wrap(async (_event: object) => context.with(ROOT_CONTEXT, () => tracer.startSpan('lost').end()))
    await handler({})
    const spans = await receiver.waitForSpans(2)
    expect(receiver.requests).toHaveLength(1)
    expect(spans.map(({ name }) => name)).toContain('lost')
  })

  test('a span that ends after its invocation goes out with the next one', async () => {
    let late = tracer.startSpan('placeholder')
    await wrap(async (_event: object) => void (late = tracer.startSpan('late')))({})
    await receiver.waitForSpans(1)
    late.end()
    await wrap(async (_event: object) => {})({})
    const spans = await receiver.waitForSpans(3)
    expect(spans.map(({ name }) => name)).toContain('late')
  })

  test('the same event object again, one call after the other, is another invocation', async () => {
    const handler = wrap(async (_event: object) => 1)
    const event = {}
    for (let i = 0; i < 3; i++) await handler(event)
    expect(await receiver.waitForSpans(3)).toHaveLength(3)
  })

  test('a span that cannot be encoded does not take the others along', async () => {
    await wrap(async (_event: object) => {
      tracer.startSpan('bad', { startTime: new Date(Number.NaN) }).end()
      tracer.startSpan('good').end()
    })({})
    const names = (await receiver.waitForSpans(2)).map(({ name }) => name)
    expect(names).toContain('good')
    expect(names).not.toContain('bad')
  })

  test('a handler called with the event of an active invocation joins it', async () => {
    const inner = wrap(async (_event: object) => tracer.startSpan('inner work').end())
    const outer = wrap(async (event: object) => inner(event))
    await outer({})
    const spans = await receiver.waitForSpans(2)
    expect(spans.filter(({ kind }) => kind === 2)).toHaveLength(1)
  })
})

describe('callbacks of runtime client 3', () => {
  test('the invocation lasts until the callback, which gets its arguments', async () => {
    const handler = wrap((_event: object, _context: object, callback: (error: unknown, result?: unknown) => void) => {
      setTimeout(() => callback(null, { statusCode: 500 }), 30)
    })
    const answered = await new Promise<unknown[]>((resolve) => {
      expect(
        handler({}, lambdaContext({ callbackWaitsForEmptyEventLoop: true }), (...args) => resolve(args)),
      ).toBeUndefined()
    })
    expect(answered).toEqual([null, { statusCode: 500 }])
    const [root] = await receiver.waitForSpans(1)
    expect(root!.endMs - root!.startMs).toBeGreaterThanOrEqual(25)
    expect(root).toMatchObject({
      status: { code: 2 },
      attributes: { 'http.response.status_code': 500, 'error.type': '500' },
    })
  })

  test('an error given to the callback is recorded', async () => {
    const handler = wrap((_event: object, _context: object, callback: (error: unknown) => void) =>
      callback(new TypeError('no')),
    )
    const error = await new Promise((resolve) => handler({}, lambdaContext(), resolve))
    expect(error).toBeInstanceOf(TypeError)
    expect(await receiver.waitForSpans(1)).toMatchObject([
      { status: { code: 2, message: 'no' }, attributes: { 'error.type': 'TypeError' } },
    ])
  })

  test.each([
    ['a promise', async (_event: object, _context: object, _callback: unknown) => 'value'],
    ['an error', async (_event: object, _context: object, _callback: unknown) => Promise.reject(new Error('no'))],
  ])('%s is the answer, although the callback is declared and never called', async (_name, answer) => {
    await wrap(answer)({}, lambdaContext({ callbackWaitsForEmptyEventLoop: true }), () => {}).catch(() => {})
    expect(await receiver.waitForSpans(1)).toHaveLength(1)
    expect(slot.active.size).toBe(0)
  })

  test('a handler that does not declare the callback is not waited for', async () => {
    await wrap(async (_event: object, _context: object) => 1)({}, lambdaContext())
    expect(await receiver.waitForSpans(1)).toHaveLength(1)
  })
})

test('our own requests are not traced', async () => {
  const suppressed: boolean[] = []
  const note = () => suppressed.push(isTracingSuppressed(context.active()))
  subscribe('http.client.request.created', note)
  const request = vi.spyOn(http, 'request')
  await wrap(async (_event: object) => {})({})
  await receiver.waitForSpans(1)
  unsubscribe('http.client.request.created', note)
  expect(suppressed).toEqual([true])
  expect(request).not.toHaveBeenCalled()
  request.mockRestore()
})

test('broken telemetry does not reach the user', async () => {
  const broken = {
    start: () => {
      throw new Error('ours')
    },
    leave: () => {
      throw new Error('ours')
    },
  }
  const handler = instrument(broken as never, async (_event: object) => 'fine', meta, parts)
  expect(await handler({})).toBe('fine')
  const late = instrument(
    { ...broken, start: () => ({ name: 'x', kind: SpanKind.SERVER, attributes: {} }), enter: broken.start } as never,
    async (_event: object) => 'fine',
    meta,
    parts,
  )
  expect(await late({})).toBe('fine')
  expect(await receiver.waitForSpans(1)).toHaveLength(1)
  expect(slot.active.size).toBe(0)
})

test.each([
  {
    getRemainingTimeInMillis: () => {
      throw new Error('Function not implemented.')
    },
  },
  { getRemainingTimeInMillis: 3000 },
  { getRemainingTimeInMillis: () => 3000n },
  undefined,
  'text',
])('a context object of any kind is not the handler’s problem: %o', async (broken) => {
  const more = typeof broken === 'object' ? { ...lambdaContext(), ...broken } : broken
  expect(wrap((_event: object, _context: unknown, _more?: unknown) => 'sync')({}, more, 'x')).toBe('sync')
  expect(await wrap(async (_event: object, _context: unknown) => 'async')({}, more)).toBe('async')
  expect(await receiver.waitForSpans(2)).toHaveLength(2)
})

test.each([0, -5])('a deadline of a user’s test that is over before it begins is none: %i', async (left) => {
  const warned = vi.spyOn(console, 'warn').mockReturnValue()
  const warnings: Error[] = []
  const note = (warning: Error) => void warnings.push(warning)
  process.on('warning', note)
  await wrap(async (_event: object, _context: unknown) => 'async')(
    {},
    lambdaContext({ getRemainingTimeInMillis: () => left }),
  )
  await receiver.waitForSpans(1)
  process.off('warning', note)
  expect([...warned.mock.calls, ...warnings]).toEqual([])
})

test('traced: what is thrown is never replaced', async () => {
  const thrown = Object.create(null)
  let caught: unknown
  await wrap(async (_event: object) => {
    try {
      traced('odd', () => {
        throw thrown
      })
    } catch (error) {
      caught = error
    }
  })({})
  expect(caught).toBe(thrown)
  expect((await receiver.waitForSpans(2)).map(({ name }) => name)).toContain('odd')
})

test('traced: value, error, end', async () => {
  const error = new RangeError('far')
  await wrap(async (_event: object) => {
    expect(traced('sync', () => 1)).toBe(1)
    expect(await traced('async', async () => 2)).toBe(2)
    expect(() =>
      traced('throws', () => {
        throw error
      }),
    ).toThrow(error)
    await expect(traced('rejects', () => Promise.reject(error))).rejects.toBe(error)
  })({})
  const spans = await receiver.waitForSpans(5)
  expect(
    spans
      .filter(({ status }) => status.code === 2)
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['rejects', 'throws'])
})
