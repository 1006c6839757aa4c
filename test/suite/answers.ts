/** How an invocation can end: the caller gets what it would get without the plugin, the trace says what it was. */
import { expect } from 'vitest'
import type { Scenario } from '../functions/scenarios.ts'
import type { Driver } from './driver.ts'
import { deployBoth } from './subject.ts'

/** Twice: what one invocation leaves behind must not reach the next. */
export async function twice(driver: Driver, scenario: Scenario): Promise<void> {
  const subject = await deployBoth(driver)
  await subject.expectSpans([await subject.call(scenario), await subject.call(scenario)])
}

export async function clientCancels(driver: Driver): Promise<void> {
  const subject = await deployBoth(driver)
  const cancelAfterBytes = 'first\xff\n'.length
  const calls = [
    await subject.call('stream-endless', { cancelAfterBytes }),
    await subject.call('stream-endless', { cancelAfterBytes }),
  ]
  await subject.expectSpans(calls)
}

export async function backgroundWork(driver: Driver): Promise<void> {
  const subject = await deployBoth(driver)
  const call = await subject.call('background')
  const begun = subject.traced.startedSpans().map(({ name }) => name)
  expect(begun, 'the caller is answered before the work').not.toContain('background')
  await subject.expectSpans([call])
}
