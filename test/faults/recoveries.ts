/** A collector that is away, and comes back. */
import type { FaultRow } from './fault-row.ts'

/** More than a breaker is open after a first failure that did not take long. */
const PAUSE_IS_OVER_MS = 10_000

export const recoveries: readonly FaultRow[] = [
  { name: 'dead for the whole run', fault: { mode: 'reset-connection' }, fails: 'quick', says: ['UO205'] },
  {
    name: 'dead for 50 invocations, then back',
    fault: { mode: 'refuse' },
    before: (n, receiver) => (n === 51 ? receiver.set({ mode: 'ok' }) : undefined),
    clock: { every: 51, ms: PAUSE_IS_OVER_MS },
    fails: 'never',
    says: ['UO205'],
  },
  {
    name: 'well again after 3 requests',
    fault: { mode: '503', times: 3 },
    clock: { every: 51, ms: PAUSE_IS_OVER_MS },
    fails: 'never',
    says: ['UO205'],
  },
  {
    name: 'dead for half a minute, asked again after each pause',
    fault: { mode: 'reset-before-body' },
    clock: { every: 20, ms: 3000 },
    fails: 'quick',
    leastAttempts: 3,
    says: ['UO205'],
  },
  {
    name: 'dead, more spans than are kept, an early one has an error',
    fault: { mode: 'reset-connection' },
    spans: 15,
    errorIn: 3,
    fails: 'quick',
    drops: ['retention'],
    says: ['UO205', 'UO209'],
  },
]
