/** What a bundler that watches has built so far. */
export interface Built {
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
}

export interface Builds {
  add(built: Built): void
  /**
   * Waits for the first build after the last one asked for that is as wanted: an edit may be built more than once.
   * @param again repeats the edit: watchers miss one that comes a moment after another
   */
  until(isWanted: (built: Built) => boolean, again: () => void): Promise<Built>
}

const REPEAT_MS = 1000
/** A bundler that never sees an edit would otherwise be waited for by the test alone, which does not say for what. */
const PATIENCE_MS = 30_000

export function createBuilds(): Builds {
  const built: Built[] = []
  let seen = 0
  let wake: (() => void) | undefined
  return {
    add(each) {
      built.push(each)
      wake?.()
    },
    until(isWanted, again) {
      return new Promise((resolve, reject) => {
        const settle = () => {
          wake = undefined
          clearInterval(repeating)
          clearTimeout(late)
        }
        const repeating = setInterval(again, REPEAT_MS)
        const late = setTimeout(() => {
          settle()
          reject(new Error(`none of ${built.length} builds is as wanted: ${JSON.stringify(built)}`))
        }, PATIENCE_MS)
        wake = () => {
          while (seen < built.length) {
            const each = built[seen++]!
            if (!isWanted(each)) continue
            settle()
            return resolve(each)
          }
        }
        wake()
      })
    },
  }
}
