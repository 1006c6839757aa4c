import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { host } from '../../src/runtime/hosts/netlify.ts'
import { createInvocation } from '../../src/runtime/invocation.ts'

test('a `waitUntil` that refuses leaves no timer behind, which would keep the process alive', () => {
  const waitUntil = () => {
    throw new TypeError('the request is over')
  }
  const meta = { file: 'netlify/functions/a.ts', name: 'default', line: 1 }
  const call = { self: undefined, args: [{}, { waitUntil }], arity: 2, meta }
  const root = trace.getTracer('test').startSpan('root', {}, ROOT_CONTEXT)
  const invocation = createInvocation(root, {}, new Set(), async () => {})
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  const never = new Promise<void>(() => {})
  expect(() => host.keepAlive(call, never, { endpoint: undefined, mode: 'auto' }, invocation)).toThrow('is over')
  expect(timers()).toBe(before)
})
