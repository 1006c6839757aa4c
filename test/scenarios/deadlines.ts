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

const STILL_RUNS = /\d+ ms before the deadline 2 spans are open: they end here\. Raise the timeout/
const CUT = /\d+ ms before the deadline 3 spans were sent, and not answered in \d+ ms\. Raise/
/** A busy machine takes its time to export, too. */
const PATIENT = { timeoutMs: 2000, otel: { flush: { marginMs: 1000 } } }

export const deadlines: readonly Scenario[] = [
  late('is still running', `${begin}\n await sleep(5000)`, {
    ...PATIENT,
    calls: [{}, {}],
    check(seen) {
      expectTimeouts(seen)
      // A process each.
      saysOnce(STILL_RUNS, 2)(seen)
    },
  }),
  late('is still running, and the collector is slow', `${begin}\n await sleep(5000)`, {
    ...PATIENT,
    calls: [{}],
    receiver: { delayMs: 300 },
    check: expectTimeouts,
  }),
  late('the margin is longer than the timeout', `${begin}\n await sleep(5000)`, {
    timeoutMs: 2000,
    calls: [{}],
    otel: { flush: { marginMs: 5000 } },
    check: expectTimeouts,
  }),
  late(
    'answers between the margin and the deadline',
    `${begin}\n await sleep(1200)\n await span('late', () => sleep(50))\n return { ok: true }`,
    {
      ...PATIENT,
      calls: [{}, {}],
      check(seen) {
        expectTimeouts(seen)
        expect(seen.spans.filter(({ name }) => name === 'late')).toHaveLength(2)
      },
    },
  ),
  late('frozen for longer than its deadline', `${begin}\n return { ok: true }`, {
    timeoutMs: 2000,
    calls: [{}, {}],
    async between(n) {
      if (n === 0) await new Promise((resolve) => setTimeout(resolve, 2100))
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
    check: saysOnce(CUT, 1),
  }),
]
