/** What somebody meant who wrote a name that there is not. */

/** The one candidate that `word` is like: by words of it, but for a slip of the hand, or by its initials. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  return byWords(word, candidates) ?? bySlip(word, candidates) ?? byInitials(word, candidates)
}

/** `lambda` or `aws` for `aws-lambda`: the most words in common; of those that have as many, the one that begins alike. */
function byWords(word: string, candidates: readonly string[]): string | undefined {
  const words = wordsOf(word)
  const inCommon = (candidate: string) =>
    wordsOf(candidate).filter((own) => words.some((each) => isLike(each, own))).length
  const most = Math.max(1, ...candidates.map(inCommon))
  const alike = candidates.filter((candidate) => inCommon(candidate) === most)
  const [first = ''] = words
  const beginning = alike.filter((candidate) => isLike(first, wordsOf(candidate)[0]!))
  return only(alike) ?? only(beginning)
}

function bySlip(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best && best.distance <= Math.max(2, word.length / 3) ? best.candidate : undefined
}

/** `gcf`, and what else of Google's begins so, for `google-cloud-functions`. */
function byInitials(word: string, candidates: readonly string[]): string | undefined {
  const isLikeInitials = (candidate: string) => {
    const initials = wordsOf(candidate).map(([initial]) => initial)
    return initials.length > 2 && editDistance(word.toLowerCase(), initials.join('')) <= 1
  }
  return only(candidates.filter(isLikeInitials))
}

/** `aws-lambda`, `serviceName`, `http/json` */
function wordsOf(name: string): string[] {
  return name
    .replace(/(?<=\p{Ll})\p{Lu}/gu, ' $&')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter(Boolean)
}

/** Two letters are too few to tell. */
function isLike(a: string, b: string): boolean {
  return Math.min(a.length, b.length) > 2 && (a.startsWith(b) || b.startsWith(a))
}

function only(candidates: readonly string[]): string | undefined {
  return candidates.length === 1 ? candidates[0] : undefined
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
