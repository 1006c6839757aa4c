/**
 * What failed, or was slow, costs an invocation only once. Closed: a flush sends and waits. Open: nobody waits, and
 * after a failure nothing is sent. When the pause is over it is half-open: one request tells whether the collector is
 * back. By the wall clock, which goes on while the process is frozen.
 */
import { slot } from './slot.ts'

/** What takes this long is slow. */
export const SLOW_MS = 250
/** The first pause is so many times what the failure took: asking costs a thirtieth of the time at the most. */
const PAUSE_FACTOR = 30
const MIN_PAUSE_MS = 1000
/** Each failure in a row doubles it, up to so much. */
const MAX_DOUBLED = 10
/** The longest pause, also where `Retry-After` asks for more. */
const MAX_OPEN_MS = 300_000

export function isBreakerOpen(): boolean {
  return isAhead(slot.breaker.openUntil)
}

/** Open by a failure: no request is tried. */
export function isBreakerPaused(): boolean {
  return isAhead(slot.breaker.pausedUntil)
}

export function isBreakerHalfOpen(): boolean {
  return slot.breaker.trips > 0 && !isBreakerOpen()
}

/** No pause is longer than the longest: the clock was set back. */
function isAhead(time: number): boolean {
  const ms = time - Date.now()
  return ms > 0 && ms <= MAX_OPEN_MS
}

export function openBreaker(ms: number): void {
  slot.breaker.openUntil = Date.now() + ms
}

/** Nothing is sent, either. */
export function pauseBreaker(ms: number): void {
  openBreaker(ms)
  slot.breaker.pausedUntil = slot.breaker.openUntil
}

/**
 * How long to open it.
 * @param tookMs until it failed
 * @param leastMs what the collector asks for
 */
export function tripBreaker(tookMs: number, leastMs = 0): number {
  const ms = Math.max(MIN_PAUSE_MS, tookMs * PAUSE_FACTOR) * Math.min(2 ** slot.breaker.trips++, MAX_DOUBLED)
  return Math.min(Math.max(ms, leastMs), MAX_OPEN_MS)
}

/** The collector is slow, but there: what nobody waits for may go. */
export function resumeBreaker(): void {
  slot.breaker.pausedUntil = 0
}

/** The collector is back, or this is the last chance to reach it. */
export function closeBreaker(): void {
  Object.assign(slot.breaker, { openUntil: 0, pausedUntil: 0, trips: 0 })
}
