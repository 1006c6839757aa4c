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

export interface Interval {
  readonly median: number
  /** Undefined: too few values to say so with 95 %. */
  readonly bounds: readonly [lower: number, upper: number] | undefined
}

/** Where the median lies with at least 95 %, whatever the values are distributed like: between two of them. */
export function intervalOf(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b)
  const { median } = spreadOf(sorted)
  // As often as not a value is below the median: how many are is binomial.
  let [below, chance, outside] = [0, 0.5 ** sorted.length, 0]
  while (outside + chance <= 0.025) {
    outside += chance
    chance *= (sorted.length - below) / (below + 1)
    below++
  }
  return { median, bounds: below > 0 ? [sorted[below - 1]!, sorted.at(-below)!] : undefined }
}
