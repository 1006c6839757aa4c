/** Handlers that other code has wrapped, calls or loads again: one root an event, and their properties kept. */
import { setTimeout as sleep } from 'node:timers/promises'
// Its types have no named export.
// oxlint-disable-next-line import/no-named-as-default
import middy from '@middy/core'
import { SpanKind } from '@opentelemetry/api'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { als } from '../../src/runtime/context/als.ts'
import { encoding } from '../../src/runtime/encoding/json.ts'
import { host } from '../../src/runtime/hosts/aws-lambda.ts'
import { instrument, setup } from '../../src/runtime/node.ts'
import { onEvent } from '../../src/runtime/platforms/aws-lambda.ts'
import { slot } from '../../src/runtime/slot.ts'
import { startFileReceiver } from './file-receiver.ts'

const meta = { file: 'src/app.ts', name: 'handler', line: 1 }
const parts = setup({}, host, als, encoding)
const wrap = <H>(handler: H): H => instrument(onEvent as never, handler, meta, parts)
const context = {
  awsRequestId: 'request',
  functionName: 'app',
  getRemainingTimeInMillis: () => 3000,
} as never
const receiver = await startFileReceiver()

/** All of them, also one too many that comes later. */
async function received(count: number) {
  await receiver.waitForSpans(count)
  await sleep(50)
  expect(slot.active.size).toBe(0)
  return receiver.spans
}

describe('middy', () => {
  const steps: string[] = []
  const noting = { before: () => void steps.push('before'), after: () => void steps.push('after') }
  const inner = async (event: { fail?: boolean }) => {
    steps.push('handler')
    if (event.fail) throw new RangeError('no')
    return { statusCode: 200 }
  }

  afterEach(() => void steps.splice(0))

  test('a wrapped one is still middy’s: use, before, after, onError', async () => {
    const handler = wrap(middy(inner))
    handler.use(noting).before(() => void steps.push('second'))
    handler.onError((request) => {
      steps.push((request.error as Error).message)
      request.response = { statusCode: 500 }
    })
    expect(await handler({}, context)).toEqual({ statusCode: 200 })
    expect(await handler({ fail: true }, context)).toEqual({ statusCode: 500 })
    expect(steps).toEqual(['before', 'second', 'handler', 'after', 'before', 'second', 'handler', 'no'])
    expect((await received(2)).map(({ kind }) => kind)).toEqual([2, 2])
  })

  test.each([
    ['around a wrapped handler', () => middy(wrap(inner)).use(noting)],
    ['around a wrapped handler, and wrapped itself', () => wrap(middy(wrap(inner)).use(noting))],
    ['around a handler that is wrapped twice', () => middy(wrap(wrap(inner))).use(noting)],
  ])('%s: one root', async (_name, make) => {
    expect(await make()({}, context)).toEqual({ statusCode: 200 })
    expect(steps).toEqual(['before', 'handler', 'after'])
    expect(await received(1)).toMatchObject([{ kind: 2, attributes: { 'code.function.name': 'handler' } }])
  })
})

test('Firebase’s properties: what its command line reads of every export, getters included', async () => {
  let reads = 0
  const handler = Object.assign(async (_event: object) => 'answer', {
    __trigger: { httpsTrigger: {} },
    run: async () => 'run',
  })
  Object.defineProperty(handler, '__endpoint', { get: () => ({ platform: 'gcfv2', reads: ++reads }) })
  const wrapper = wrap(handler) as typeof handler & { readonly __endpoint: object }
  expect(wrapper.__endpoint).toEqual({ platform: 'gcfv2', reads: 1 })
  expect(wrapper.__trigger).toBe(handler.__trigger)
  expect(await wrapper.run()).toBe('run')
  expect(Object.entries({ wrapper })[0]![1]).toHaveProperty('__endpoint.platform', 'gcfv2')
  expect(await wrapper({})).toBe('answer')
  await received(1)
})

test('`new.target` is the user’s own function', () => {
  function Model(this: { own: boolean }) {
    this.own = new.target === Model
  }
  const Wrapper = wrap(Model) as unknown as new () => { own: boolean }
  expect(new Wrapper()).toEqual({ own: true })
  expect(new Wrapper()).toBeInstanceOf(Model)
  expect(new (class Sub extends Wrapper {})().own).toBe(false)
})

describe('one event, one root', () => {
  test('wrapped by two copies of the runtime', async () => {
    vi.resetModules()
    const second = await import('../../src/runtime/node.ts')
    expect(second.instrument).not.toBe(instrument)
    const again = second.setup({}, host, als, encoding)
    const calls: object[] = []
    const handler = wrap(async (event: object) => void calls.push(event))
    const twice = second.instrument(onEvent as never, handler, { ...meta, name: 'other' }, again)
    await twice({})
    expect(calls).toHaveLength(1)
    expect(await received(1)).toMatchObject([{ attributes: { 'code.function.name': 'other' } }])
  })

  test('a module that is evaluated again: each of its handlers makes one root a call', async () => {
    const evaluate = () => wrap(async (_event: object) => {})
    const [before, after] = [evaluate(), evaluate()]
    await before({})
    await after({})
    await after({})
    expect((await received(3)).map(({ kind, parentSpanId }) => [kind, parentSpanId])).toEqual(
      Array.from({ length: 3 }, () => [SpanKind.SERVER + 1, undefined]),
    )
  })

  test('a handler that calls another with its own event joins; with another event it is a child', async () => {
    const inner = wrap(async (_event: object) => {})
    await wrap(async (event: object) => inner(event))({})
    await received(1)
    receiver.reset()
    await wrap(async (_event: object) => inner({ other: true }))({})
    await received(2)
    expect(receiver.traces()).toMatchObject([{ roots: [{ children: [{ kind: 2 }] }] }])
  })
})
