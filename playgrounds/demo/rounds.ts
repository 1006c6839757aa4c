/** How every platform is measured: variants side by side, in an order that favours none. */

export const COLLECTOR_DELAY_MS = 50
/** For what is still on its way when the last invocation is over. */
export const GRACE_MS = 500

/** Rotated, and every other time backwards: nobody is always first, nobody always follows the same one. */
export function inOrderOf<T>(round: number, sites: readonly T[]): T[] {
  const start = round % sites.length
  const rotated = [...sites.slice(start), ...sites.slice(0, start)]
  return round % 2 === 0 ? rotated : rotated.toReversed()
}

/** An order as both shops take it. */
export function toOrder(card: 'valid' | 'expired' = 'valid'): string {
  return JSON.stringify({ items: ['espresso', 'croissant'], card })
}
