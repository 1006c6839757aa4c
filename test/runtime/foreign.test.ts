/** The flush of a provider that somebody else registered. */
import { afterEach, expect, test, vi } from 'vitest'
import { flushForeign } from '../../src/runtime/foreign.ts'
import { withSentry } from '../../src/runtime/sentry.ts'
import { slot } from '../../src/runtime/slot.ts'

afterEach(() => {
  slot.breaker.openUntil = 0
  slot.warned.clear()
  vi.restoreAllMocks()
  Reflect.deleteProperty(globalThis, '__SENTRY__')
})

test.each([
  ['settles', async () => {}],
  ['fails at once', () => Promise.reject([new Error('no')])],
  [
    'throws',
    () => {
      throw new Error('no')
    },
  ],
  ['is not there', undefined],
])('one that %s is asked again', async (_, forceFlush) => {
  await flushForeign(forceFlush ? { forceFlush } : {}, 1000, true)
  expect(slot.breaker.openUntil).toBe(0)
})

test('one that hangs is not waited for in a while, which is said', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const forceFlush = vi.fn(() => new Promise(() => {}))
  // However short the budget is.
  await flushForeign({ forceFlush }, 20, true)
  expect(slot.breaker.openUntil).toBeGreaterThan(Date.now())
  expect(warn.mock.calls.flat().join()).toMatch(/not waited for during 30 s\nUO216/)
  await flushForeign({ forceFlush }, 1e9, true)
  expect(forceFlush).toHaveBeenCalledTimes(2)
})

test("Sentry's client is told to send, after the provider", async () => {
  const order: unknown[] = []
  const client = { flush: async (timeoutMs: number) => void order.push(timeoutMs) }
  const carrier = { acs: { getCurrentScope: () => ({ getClient: () => client }) } }
  Object.assign(globalThis, { __SENTRY__: { version: '11.12.0', '11.12.0': carrier } })
  await withSentry({ forceFlush: async () => void order.push('provider') }, 500).forceFlush!()
  expect(order).toEqual(['provider', 500])
})
