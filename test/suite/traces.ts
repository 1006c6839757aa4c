/** Which invocation a span belongs to, and that it is there whatever happens to the instance. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Driver } from './driver.ts'
import { expected } from './expected.ts'
import { deployBoth } from './subject.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
/** In which the collector's answer to what it has received reaches the function. */
const ANSWERED_MS = 20
const ZEROS = '0'.repeat(32)

export async function incomingParent(driver: Driver): Promise<void> {
  const subject = await deployBoth(driver)
  const headers = { traceparent: `00-${TRACE}-${PARENT}-01` }
  const call = await subject.call('ok', { headers, parent: { traceId: TRACE, spanId: PARENT } })
  // The next one has none, and does not inherit it.
  await subject.expectSpans([call, await subject.call('ok')])
}

export async function malformedParent(driver: Driver): Promise<void> {
  const subject = await deployBoth(driver)
  const calls = []
  for (const traceparent of ['00-xyz', '', `00-${ZEROS}-${PARENT}-01`, `ff-${TRACE}-${PARENT}-01`, `00-${TRACE}`]) {
    calls.push(await subject.call('ok', { headers: { traceparent } }))
  }
  await subject.expectSpans(calls)
}

/** At once as far as the platform goes: where an instance takes one at a time, back to back. */
export async function concurrent(driver: Driver): Promise<void> {
  const subject = await deployBoth(driver)
  const outcomes = ['ok', 'reject', 'ok', 'missing', 'ok', 'unavailable', 'ok', 'reject', 'ok', 'ok'] as const
  await subject.expectSpans(await Promise.all(outcomes.map((scenario) => subject.call(scenario))))
}

export async function coldStart(driver: Driver): Promise<void> {
  const subject = await deployBoth(driver)
  const calls = [await subject.call('ok', { cold: true })]
  for (let i = 0; i < 2; i++) calls.push(await subject.call('ok', { cold: false }))
  await subject.traced.evict()
  calls.push(await subject.call('ok', { cold: true }), await subject.call('ok', { cold: false }))
  await subject.expectSpans(calls)
}

/** Many on one instance, with whatever the platform does to it between two; in the end it is gone. */
export async function freeze(driver: Driver): Promise<void> {
  const subject = await deployBoth(driver)
  const calls = []
  for (let i = 0; i < 20; i++) {
    const scenario = (['ok', 'reject', 'ok', 'heavy'] as const)[i % 4]!
    calls.push(await subject.call(scenario, { cold: i === 0 }))
    await subject.receiver.waitForSpans(calls.reduce((sum, { scenario }) => sum + expected[scenario].spans.length, 0))
    // A frozen function does not notice that its connection is gone. Without this, one that is still open would take
    // an export that nobody waits for.
    await sleep(ANSWERED_MS)
    subject.receiver.dropIdleSockets()
  }
  calls.push(await subject.call('heavy', { cold: false }))
  await subject.expectSpans(calls)
}

/** An instance for each, which ends as soon as it may. */
export async function eviction(driver: Driver): Promise<void> {
  const subject = await deployBoth(driver)
  const calls = []
  for (const scenario of ['heavy', 'reject', 'unavailable', 'heavy'] as const) {
    calls.push(await subject.call(scenario, { cold: true }))
    await subject.traced.evict()
  }
  await subject.expectSpans(calls)
}
