/** What a soak combines: each value of an axis with each value of every other. */
import type { ReceiverChanges } from '../harness/otlp-receiver.ts'
import type { Combination } from './pairwise.ts'
import { subjects } from './subjects.ts'

export const axes = {
  /** A platform's way to end. */
  subject: Object.keys(subjects),
  /** Child spans of an invocation. */
  spans: [0, 1, 20, 600, 5000],
  /** What the collector is while the function is called; afterwards it is well. */
  collector: ['well', 'slow', 'busy', 'away', 'cut', 'silent'],
  atOnce: [1, 4, 25],
  /** Before each call, or each bunch of calls. */
  start: ['cold', 'warm', 'long freeze'],
  format: ['esm', 'cjs'],
  batching: ['auto', 'immediate', 'numbers'],
} as const

export type Combined = Combination<typeof axes>

export const collectors: Readonly<Record<Combined['collector'], ReceiverChanges>> = {
  well: {},
  slow: { delayMs: 300 },
  busy: { mode: '503' },
  away: { mode: 'refuse' },
  cut: { mode: 'cut' },
  silent: { mode: 'hang' },
}

/** In one combination, beyond which the ledger's own lines are what takes the time. */
const MOST_SPANS = 6000
/** Requests side by side, which the collector of the test takes a millisecond each for. */
const MOST_REQUESTS = 100

export function isPossible({ subject, spans = 0, atOnce = 1, start, batching, format }: Partial<Combined>): boolean {
  if (spans * atOnce > MOST_SPANS) return false
  if (batching === 'immediate' && spans * atOnce > MOST_REQUESTS) return false
  // A timeout each, one after the other.
  if (subject?.endsWith('never settles') && atOnce > 4) return false
  // Whoever starts a server again is not the platform.
  if (subject?.startsWith('node') && start === 'cold') return false
  return format !== 'cjs' || subject === undefined || subject.startsWith('lambda')
}
