/** Medians and quartiles: machines are noisy, and means follow the noise. */
export interface Spread {
  readonly median: number
  readonly lower: number
  readonly upper: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const quantile = (share: number): number => {
    const at = (sorted.length - 1) * share
    const below = sorted[Math.floor(at)]!
    return below + (sorted[Math.ceil(at)]! - below) * (at % 1)
  }
  return { median: quantile(0.5), lower: quantile(0.25), upper: quantile(0.75) }
}

/** Of what was measured in the same round, which is as near in time as two processes can be. */
export function paired(a: readonly number[], b: readonly number[], of: (a: number, b: number) => number): Spread {
  return spreadOf(a.map((value, round) => of(value, b[round]!)))
}

/** Each round in the other direction: nobody is always the one that finds the caches warm. */
export function inTurns<T>(round: number, all: readonly T[]): readonly T[] {
  return round % 2 === 0 ? all : all.toReversed()
}
