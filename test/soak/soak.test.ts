/** Combinations for as long as `npm run soak` says, in the order of their seed; each is a test of its own. */
import { afterAll, expect, test } from 'vitest'
import { axes, isPossible, type Combined } from './axes.ts'
import { pairwise } from './pairwise.ts'
import { runCombination, type Outcome } from './run-combination.ts'

const minutes = Number(process.env['SOAK_MINUTES'])
const seed = Number(process.env['SOAK_SEED'])
const FEWEST = 200
/** No combination is faster. */
const MOST_A_MINUTE = 120

const until = Date.now() + minutes * 60_000
const ran = new Map<string, Outcome>()
/** Failed, or running. */
let unfinished = 0

const combinations = new Map<string, Combined>()
for (let cover = 0; combinations.size < minutes * MOST_A_MINUTE; cover++) {
  for (const combined of pairwise(axes, seed + cover, isPossible)) combinations.set(nameOf(combined), combined)
}

test.for([...combinations])('%s', async ([name, combined], { skip }) => {
  // Whoever asked for so many minutes gets them, and no test for the rest.
  if (Date.now() > until) skip('the time is over')
  unfinished++
  ran.set(name, await runCombination(combined))
  unfinished--
})

afterAll(() => {
  const sum = (key: keyof Outcome) => [...ran.values()].reduce((total, outcome) => total + outcome[key], 0)
  console.log(
    [
      `soak: seed ${seed}, ${ran.size + unfinished} combinations ran, ${unfinished} failed`,
      `${sum('invocations')} invocations, ${sum('started')} spans started, ${sum('received')} received`,
      `${sum('lost')} lost and ${sum('duplicated')} twice, by collectors that were away, cut or silent`,
    ].join('\n'),
  )
  expect(ran.size + unfinished, 'combinations that ran').toBeGreaterThanOrEqual(FEWEST)
})

function nameOf(combined: Combined): string {
  return Object.entries(combined)
    .map(([axis, value]) => (axis === 'subject' ? value : `${axis} ${value}`))
    .join(', ')
}
