/** The process ends in the midst of an invocation. */
import { expect } from 'vitest'
import { ending } from './lambda-rows.ts'
import type { Scenario, Seen } from './scenario.ts'

const begin = `
  root()
  await span('load', () => sleep(5))`

/** The root, and what was open, say why they end. */
const ends = (more: object) => (seen: Seen) => {
  const own = seen.spans.filter(({ name, kind }) => kind === 2 || name === 'open')
  expect(own).not.toHaveLength(0)
  for (const { kind, attributes } of own) {
    expect(attributes['unplugin_otel.end_reason']).toBe('exit')
    if (kind === 2) expect(attributes).toMatchObject(more)
  }
}

const AFTER_THREE = Array.from({ length: 4 }, (_, n) => ({ event: { killed: n === 3 } }))

export const crashes: readonly Scenario[] = [
  ending('process.exit in the same tick', `root()\n open('open')\n process.exit(3)`, { check: ends({}) }),
  ending(
    'process.exit a tick later',
    `${begin}\n open('open')\n setImmediate(() => process.exit(0))\n await sleep(1000)`,
    {
      check: ends({}),
    },
  ),
  ending(
    'process.exit while an export is under way',
    `${begin}\n await sleep(20)\n process.exit(1)`,
    {
      otel: { batching: 'immediate', flush: { budgetMs: 10_000 } },
      receiver: { delayMs: 200 },
      check: ends({}),
    },
    { repeats: 'what was sent and had no answer yet is sent again: nobody knows whether it arrived' },
  ),
  ending(
    'an exception that nobody catches',
    `${begin}\n open('open')\n setTimeout(() => { throw new RangeError('no') }, 5)\n await sleep(1000)`,
    {
      check: ends({ 'error.type': 'RangeError' }),
    },
  ),
  ending(
    'a rejection that nobody handles',
    `${begin}\n open('open')\n void Promise.reject(new RangeError('no'))\n await sleep(1000)`,
    {
      check: ends({ 'error.type': 'RangeError' }),
    },
  ),
  ending('never settles, and nothing is left to wait for', `${begin}\n open('open')\n await new Promise(() => {})`, {
    // A stream keeps the process: it ends by its deadline.
    timeoutMs: 3000,
    calls: [{}],
  }),
  ending(
    'SIGKILL',
    `${begin}\n if (event.killed) process.kill(process.pid, 'SIGKILL')\n return {}`,
    { calls: AFTER_THREE },
    { killed: 'nothing of the process runs any more: the spans of that invocation are in its memory' },
  ),
  ending(
    'out of memory',
    `${begin}\n for (const kept = []; event.killed; ) kept.push(new Array(1e5).fill(kept.length))\n return {}`,
    { calls: AFTER_THREE, nodeArgs: ['--max-old-space-size=64'], timeoutMs: 20_000 },
    { killed: 'V8 ends the process at once, as by a signal: the spans of that invocation are in its memory' },
  ),
]
