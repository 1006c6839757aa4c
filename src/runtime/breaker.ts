/** While it is open no flush is waited for: what failed, or was slow, costs an invocation only once. */
import { slot } from './slot.ts'

/** A failure, or a budget spent, that took this long opens it. */
export const SLOW_MS = 250
/** How long it is open at first. */
export const OPEN_MS = 30_000
const MAX_OPEN_MS = 300_000

export function isBreakerOpen(): boolean {
  return Date.now() < slot.breaker.openUntil
}

export function openBreaker(ms: number): void {
  slot.breaker.openUntil = Date.now() + ms
}

/** Opens it for twice as long as the last time. Returns for how many milliseconds. */
export function tripBreaker(): number {
  const ms = Math.min(OPEN_MS * 2 ** slot.breaker.trips++, MAX_OPEN_MS)
  openBreaker(ms)
  return ms
}

/** The collector is back, or this is the last chance to reach it. */
export function closeBreaker(): void {
  slot.breaker.openUntil = 0
}
