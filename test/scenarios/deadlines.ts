/** A handler, or its export, that takes longer than the platform lets it. */
import { expect } from 'vitest'
import { late } from './lambda-rows.ts'
import type { Scenario, Seen } from './scenario.ts'

const begin = `
  root()
  await span('load', () => sleep(5))
  open('open')`

function expectTimeouts({ spans }: Seen): void {
  const cut = spans.filter(({ name, kind }) => kind === 2 || name === 'open')
  expect(cut).not.toHaveLength(0)
  for (const { status, attributes } of cut) {
    expect(attributes).toMatchObject({ 'error.type': 'timeout', 'unplugin_otel.end_reason': 'timeout' })
    expect(status.code).toBe(2)
  }
}

/** Once, with its numbers. */
const saysOnce = (text: RegExp, calls: number) => (seen: Seen) => {
  expect(seen.output.match(/UO211/g)).toHaveLength(calls)
  expect(seen.output).toMatch(text)
}

const STILL_RUNS = /the handler still runs \d{3} ms before its deadline: 2 open spans end here\. Raise the timeout/

export const deadlines: readonly Scenario[] = [
  late('is still running', `${begin}\n await sleep(5000)`, {
    timeoutMs: 1000,
    calls: [{}, {}],
    check(seen) {
      expectTimeouts(seen)
      // A process each.
      saysOnce(STILL_RUNS, 2)(seen)
    },
  }),
  late('is still running, and the collector is slow', `${begin}\n await sleep(5000)`, {
    timeoutMs: 1000,
    calls: [{}],
    receiver: { delayMs: 300 },
    check: expectTimeouts,
  }),
  late('the margin is longer than the timeout', `${begin}\n await sleep(5000)`, {
    timeoutMs: 600,
    calls: [{}],
    otel: { flush: { marginMs: 2000 } },
    check: expectTimeouts,
  }),
  late(
    'answers between the margin and the deadline',
    `${begin}\n await sleep(700)\n await span('late', () => sleep(50))\n return { ok: true }`,
    {
      timeoutMs: 1000,
      check(seen) {
        expectTimeouts(seen)
        expect(seen.spans.filter(({ name }) => name === 'late')).toHaveLength(3)
      },
    },
  ),
  late('frozen for longer than its deadline', `${begin}\n return { ok: true }`, {
    timeoutMs: 700,
    async between() {
      await new Promise((resolve) => setTimeout(resolve, 900))
    },
    check({ spans, output }) {
      expect(spans.filter(({ attributes }) => attributes['unplugin_otel.end_reason'] === 'timeout')).toEqual([])
      expect(output).not.toContain('UO211')
    },
  }),
  late('the export is cut', `${begin}\n return { ok: true }`, {
    otel: { flush: { budgetMs: 10_000 } },
    calls: [{}],
    receiver: { delayMs: 5000 },
    check: saysOnce(/3 spans were sent \d+ ms before the deadline, and not answered in \d+ ms\. Raise/, 1),
  }),
]
