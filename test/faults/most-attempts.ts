/** How often a collector may be asked. */
import type { Expected } from './fault-row.ts'
import { flush, type Platform } from './platforms.ts'

/** At the least, and thirty times what the failure took. */
const PAUSES_MS = { quick: 1000, slow: 30 * flush.budgetMs }
/** Each pause is twice as long as the one before it, up to so many times the first one. */
const MAX_FACTOR = 10
/** One more in the same flush: after a 429 or 503, or on a new connection where an old one was dead. */
const ATTEMPTS = 2
/** In which a request has failed that fails at once. */
const QUICKLY_MS = 100

/** @param elapsedMs under the fault, by the clock of the function */
export function mostAttempts(
  { fails, pauseMs = 0, answersAfterMs = Infinity }: Expected,
  { intervalMs }: Platform,
  elapsedMs: number,
  invocations: number,
): number {
  if (fails === 'never') return ATTEMPTS * (invocations + 1)
  const first = Math.max(PAUSES_MS[fails], pauseMs)
  let flushes = 0
  for (let at = 0; at <= elapsedMs; at += first * Math.min(2 ** flushes++, MAX_FACTOR));
  // Others are under way when the first one fails.
  const beside = intervalMs ? (fails === 'slow' ? flush.budgetMs : QUICKLY_MS) / intervalMs : 0
  return ATTEMPTS * flushes + beside + elapsedMs / answersAfterMs
}
