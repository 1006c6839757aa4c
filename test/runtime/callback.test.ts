/** What a handler calls back with may be anything: whoever waits for it gets it. */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import type { Invocation } from '../../src/contract.ts'
import { observeDone, type LegacyContext } from '../../src/runtime/azure-done.ts'
import { observeCallback } from '../../src/runtime/callback.ts'
import { createInvocation } from '../../src/runtime/invocation.ts'

function open(): Invocation {
  const root = trace.getTracer('test').startSpan('root', {}, ROOT_CONTEXT)
  return createInvocation(root, {}, new Set(), async () => {})
}

const ANYTHING = [Object.create(null), Symbol('gone'), new Proxy({}, { get: () => Symbol('gone') }), 7n, 'gone']

test.each(ANYTHING.map((value) => [value]))('as an error: %o', (error: unknown) => {
  const given: unknown[][] = []
  const callback = (...answer: unknown[]) => void given.push(answer)
  const [observed] = observeCallback([callback], open()) as [typeof callback]
  observed(error)
  const context: LegacyContext = { invocationId: '1', bindings: {}, req: {}, done: callback }
  observeDone(context, open())
  context.done!(error)
  expect(given.map(([first]) => Object.is(first, error))).toEqual([true, true])
})

test.each(ANYTHING.map((value) => [value]))('as the status of an answer: %o', (status: unknown) => {
  const given: unknown[] = []
  const answer = { status }
  const context: LegacyContext = { invocationId: '1', bindings: {}, req: {}, done: (_, value) => given.push(value) }
  observeDone(context, open())
  context.done!(null, answer)
  expect(given).toEqual([answer])
})
