/** Errors of the build: the fact with its values, then the remedy on a line of its own. */
import { linkTo, type BuildCode } from './codes.ts'

export class PluginError extends Error {
  override readonly name = 'UnpluginOtelError'

  readonly code: BuildCode | undefined

  /** @param code none for what is wrong with a command line: its help explains it */
  constructor(fact: string, remedy: string, code?: BuildCode) {
    super(`[unplugin-otel] ${fact}\n${remedy}${code ? `\n${code} ${linkTo(code)}` : ''}`)
    this.code = code
  }
}

/** The candidate with the smallest edit distance, if it is close enough to be a slip of the hand. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best && best.distance <= Math.max(2, word.length / 3) ? best.candidate : undefined
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]!
}
