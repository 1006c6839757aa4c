/**
 * A pairwise cover: rows in which each value of an axis meets each value of every other axis at least once, where they
 * are possible together. Greedy, one row at a time, as https://doi.org/10.1109/32.605761 (AETG) describes.
 */
export type Axes = Readonly<Record<string, readonly unknown[]>>
export type Combination<A extends Axes> = { readonly [Axis in keyof A]: A[Axis][number] }

/** Rows that are tried before one is chosen. */
const CANDIDATES = 12

/** The same axes and seed give the same rows, in the same order. */
export function pairwise<A extends Axes>(
  axes: A,
  seed: number,
  isPossible: (combination: Partial<Combination<A>>) => boolean,
): Combination<A>[] {
  const names = Object.keys(axes)
  const random = createRandom(seed)
  const toCombination = (row: Row): Partial<Combination<A>> =>
    Object.fromEntries(
      names.flatMap((name, axis) => (row[axis] === undefined ? [] : [[name, axes[name]![row[axis]]]])),
    ) as never
  const open = new Map<string, Pair>()
  for (const [first, name] of names.entries()) {
    for (let second = first + 1; second < names.length; second++) {
      for (const value of axes[name]!.keys()) {
        for (const other of axes[names[second]!]!.keys()) {
          const pair: Pair = [first, value, second, other]
          if (isPossible(toCombination(rowOf(pair)))) open.set(pair.join(), pair)
        }
      }
    }
  }
  const rows: Row[] = []
  while (open.size > 0) {
    const pairs = [...open.values()]
    let best: { row: Row; covers: number } | undefined
    for (let candidate = 0; candidate < CANDIDATES; candidate++) {
      const row = complete(rowOf(pairs[Math.floor(random() * pairs.length)]!))
      const covers = row ? pairsOf(row).filter((key) => open.has(key)).length : 0
      if (row && covers > (best?.covers ?? 0)) best = { row, covers }
    }
    if (!best) {
      // What no whole row can have is not possible after all.
      open.delete(pairs[0]!.join())
      continue
    }
    for (const key of pairsOf(best.row)) open.delete(key)
    rows.push(best.row)
  }
  return rows.map((row) => toCombination(row) as Combination<A>)

  /** Fills in the other axes, in any order, each with the value that covers most; undefined: none is possible. */
  function complete(row: Row): Row | undefined {
    for (const axis of shuffled([...names.keys()].filter((at) => row[at] === undefined))) {
      const values = shuffled([...axes[names[axis]!]!.keys()]).filter((value) =>
        isPossible(toCombination(row.with(axis, value))),
      )
      const counts = values.map((value) => pairsOf(row.with(axis, value)).filter((key) => open.has(key)).length)
      const value = values[counts.indexOf(Math.max(...counts))]
      if (value === undefined) return undefined
      row = row.with(axis, value)
    }
    return row
  }

  function rowOf([first, value, second, other]: Pair): Row {
    const row: Row = names.map(() => undefined)
    row[first] = value
    row[second] = other
    return row
  }

  function shuffled(values: number[]): number[] {
    return values
      .map((value) => [random(), value] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, value]) => value)
  }
}

type Row = (number | undefined)[]
type Pair = readonly [axis: number, value: number, otherAxis: number, otherValue: number]

function pairsOf(row: Row): string[] {
  return row.flatMap((value, first) =>
    value === undefined
      ? []
      : row.flatMap((other, second) =>
          second > first && other !== undefined ? [`${first},${value},${second},${other}`] : [],
        ),
  )
}

/** A linear congruential generator with the constants of Numerical Recipes: enough to choose by, and the same everywhere. */
function createRandom(seed: number): () => number {
  return () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
}
