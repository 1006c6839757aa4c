/** Collectors that are slow, down or stuck are our trouble, not the caller's. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, vi } from 'vitest'
import type { Driver } from './driver.ts'
import { deployBoth } from './subject.ts'

/** Longer than a caller takes to see its answer, shorter than the default budget. */
const SLOW_MS = 400
const BUDGET_MS = 500

export async function slowCollector(driver: Driver): Promise<void> {
  const subject = await deployBoth(driver, { receiver: { delayMs: SLOW_MS } })
  const calls = []
  for (const scenario of ['ok', 'reject', 'ok'] as const) {
    calls.push(await subject.call(scenario))
    if (driver.callerWaits) continue
    const open = subject.receiver.requests.slice(calls.length - 1).map(({ status }) => status)
    expect(open, 'the caller is answered first, the collector after it').not.toContain(200)
  }
  await subject.expectSpans(calls)
}

/** What nobody took is kept and goes out with the next invocation after the collector is back. */
export async function deadCollector(driver: Driver): Promise<void> {
  const subject = await deployBoth(driver, { receiver: { mode: 'refuse' } })
  const calls = [await subject.call('ok'), await subject.call('reject'), await subject.call('ok')]
  expect(subject.receiver.requests).toEqual([])
  await subject.receiver.set({ mode: 'ok' })
  // A second or more after the failure it is asked again; where nobody waits, a timer or the end does.
  for (let n = 0; n < 5 && subject.receiver.spans.length === 0; n++) {
    await sleep(1000)
    calls.push(await subject.call('ok'))
  }
  await subject.expectSpans(calls)
}

/** It may have taken what it was sent, so nothing is promised of these spans, but all of the function. */
export async function hangingCollector(driver: Driver): Promise<void> {
  const subject = await deployBoth(driver, {
    otel: { flush: { budgetMs: BUDGET_MS } },
    receiver: { mode: 'hang' },
  })
  const { answeredAt } = await subject.call('ok')
  for (const scenario of ['reject', 'ok', 'ok'] as const) await subject.call(scenario)
  // Where nobody waits, a timer sends it.
  await vi.waitFor(() => expect(subject.receiver.requests, 'the collector was asked').not.toEqual([]), 5000)
  const [asked] = subject.receiver.requests
  if (!driver.callerWaits) expect(answeredAt - asked!.at, 'the caller does not wait for it').toBeLessThan(BUDGET_MS)
  await subject.traced.evict()
  await subject.receiver.set({ mode: 'ok' })
  await subject.expectSpans([await subject.call('ok')])
}
