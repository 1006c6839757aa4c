/** The context of runtime client 3 while an invocation is observed, and when it is answered. */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createInvocation, type ActiveInvocation } from '../../src/runtime/invocation.ts'
import { observeAnswer, releaseAnswer } from '../../src/runtime/lambda-answer.ts'

const LISTENER = Symbol.for('aws.lambda.beforeExit')
const client = globalThis as { [LISTENER]?: () => void }
const meta = { file: 'src/app.ts', name: 'handler', line: 1 }

beforeEach(() => void (client[LISTENER] = () => {}))
afterEach(() => void delete client[LISTENER])

function open(): ActiveInvocation {
  const root = trace.getTracer('test').startSpan('root', {}, ROOT_CONTEXT)
  return { ...createInvocation(root, {}, new Set(), async () => {}), keepAlive: 'after' }
}

function createContext() {
  const given: unknown[][] = []
  const note = (name: string) =>
    function (...args: unknown[]) {
      given.push([name, ...args])
    }
  let waits = true
  const context = {
    get callbackWaitsForEmptyEventLoop() {
      return waits
    },
    set callbackWaitsForEmptyEventLoop(value) {
      waits = value
    },
    done: note('done'),
    succeed: note('succeed'),
    fail: note('fail'),
  }
  return { context, given, callback: note('callback') }
}

type Observed = [unknown, { callbackWaitsForEmptyEventLoop: boolean }, (...answer: unknown[]) => void]
const observe = (context: unknown, callback: unknown, invocation = open()) => {
  const call = { self: undefined, args: [{}, context, callback], arity: 0, meta }
  return { invocation, args: observeAnswer(call, invocation, () => ({})) as Observed }
}

test.each(['done', 'succeed', 'fail', 'callback'] as const)(
  '%s: the very context, and as it was afterwards',
  async (name) => {
    const { context, given, callback } = createContext()
    const before = Object.getOwnPropertyDescriptors(context)
    const listeners = process.listeners('beforeExit')
    const { args, invocation } = observe(context, callback)
    expect(args[1]).toBe(context)
    args[1].callbackWaitsForEmptyEventLoop = false
    const { done } = context
    if (name === 'callback') args[2](null, 1)
    else context[name](1 as never)
    await invocation.held()
    expect(Object.getOwnPropertyDescriptors(context)).toEqual(before)
    expect(process.listeners('beforeExit')).toEqual(listeners)
    // What the user kept goes to the client, which ignores it.
    done(2)
    expect(given).toEqual([name === 'callback' ? [name, null, 1] : [name, 1], ['done', 2]])
  },
)

test('what the user puts there stays', async () => {
  const { context, callback } = createContext()
  const { invocation } = observe(context, callback)
  const own = () => {}
  context.done = own
  context.succeed()
  await invocation.held()
  expect(context.done).toBe(own)
})

test.each(['freeze', 'seal', 'preventExtensions'] as const)('a handler that calls Object.%s', async (name) => {
  const { context, given, callback } = createContext()
  const { args, invocation } = observe(context, callback)
  const { done } = (Object[name] as <T>(value: T) => T)(context)
  args[2](new Error('no'))
  await invocation.held()
  done(2)
  context.done(3)
  expect(given).toEqual([
    ['callback', new Error('no')],
    ['done', 2],
    ['done', 3],
  ])
})

test('a promise that is the answer ends it, the callback that comes later goes to the client', async () => {
  const { context, given, callback } = createContext()
  const { args, invocation } = observe(context, callback)
  releaseAnswer(invocation)
  await invocation.held()
  args[2](null, 1)
  expect(given).toEqual([['callback', null, 1]])
})

test('an empty loop ends it', async () => {
  const { context, callback } = createContext()
  const listeners = process.listeners('beforeExit')
  const { invocation } = observe(context, callback)
  process.listeners('beforeExit')[0]!(0)
  await invocation.held()
  expect(process.listeners('beforeExit')).toEqual(listeners)
})

test.each([undefined, null, 'text', 7, Object.freeze(createContext().context)])(
  'a context of any kind: %o',
  async (context) => {
    const given: unknown[][] = []
    const { args, invocation } = observe(context, (...answer: unknown[]) => given.push(answer))
    args[2](new Error('no'))
    await invocation.held()
    expect(given).toEqual([[new Error('no')]])
  },
)
