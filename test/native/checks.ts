/** Counts what was proved; a failure is said at once and does not end the run. */
export interface Checks {
  readonly passed: number
  readonly failed: number
  check(what: string, holds: boolean, found?: unknown): void
}

export function createChecks(): Checks {
  let passed = 0
  let failed = 0
  return {
    get passed() {
      return passed
    },
    get failed() {
      return failed
    },
    check(what, holds, found) {
      if (holds) passed++
      else {
        failed++
        console.log(
          `FAILED ${what}${found === undefined ? '' : `: ${typeof found === 'string' ? found : JSON.stringify(found)}`}`,
        )
      }
    },
  }
}

/** NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length % 2 === 1) return sorted[middle]!
  return (sorted[middle - 1]! + sorted[middle]!) / 2
}
