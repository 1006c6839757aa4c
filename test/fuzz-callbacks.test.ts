/**
 * Whatever goes wrong in a callback that users or platforms give us, the handler is called once, with its arguments,
 * the caller gets what it would without us, nothing is left unhandled, and each cause is said once.
 */
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { faultsAt } from './fuzz/faults.ts'
import { RESULTS } from './fuzz/results.ts'
import { PLACES, play, PROVIDER_PLACES, type Scenario, type Told } from './fuzz/scenario.ts'
import { rotatedSeed } from './fuzz/run.ts'

const PLATFORMS = ['lambda', 'before', 'netlify', 'workerd', 'workerd queue', 'workerd scheduled'] as const

const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    platform: fc.constantFrom(...PLATFORMS),
    result: fc.constantFrom(...RESULTS),
    isForeign: fc.boolean(),
    isForeignContext: fc.boolean(),
    hasLogger: fc.boolean(),
    faults: faultsAt(PLACES),
  })
  // Put off until the flush, a callback cannot throw into the handler.
  .filter(({ platform, faults }) => platform !== 'before' || faults.every(({ at }) => at !== 'callback'))
  // What goes wrong is there.
  .map((it) => ({
    ...it,
    isForeign: it.isForeign || it.faults.some(({ at }) => PROVIDER_PLACES.includes(at)),
    isForeignContext: it.isForeignContext || it.faults.some(({ at }) => at.startsWith('context.')),
    hasLogger: it.hasLogger || it.faults.some(({ at }) => at.startsWith('diag.')),
  }))

/** What once failed. */
const example = (
  platform: Scenario['platform'],
  result: Scenario['result'],
  at: string,
  deed: Scenario['faults'][number]['deed'] = 'throws an error',
): [Scenario] => [
  { platform, result, isForeign: true, isForeignContext: true, hasLogger: true, faults: [{ at, deed, after: 0 }] },
]
const examples = [
  example('workerd', 'value', 'context.with'),
  example('workerd', 'rejects', 'context.with after'),
  example('lambda', 'nested', 'end'),
  example('lambda', 'calls back', 'diag.error'),
  example('lambda', 'calls back with an error', 'diag.error'),
  example('netlify', 'cancelled stream', 'setAttribute'),
  example('netlify', 'stream', 'recordException'),
  example('before', 'then getter', 'forceFlush', 'rejects with nothing'),
]

test('callbacks that go wrong', { timeout: 300_000 }, async () => {
  const seed = Number(process.env['UNPLUGIN_OTEL_FUZZ_SEED'] ?? rotatedSeed())
  console.log(`fuzz: seed ${seed}`)
  await fc.assert(
    fc.asyncProperty(scenario, async (scenario) => {
      const bare = await play(scenario, false)
      const wrapped = await play(scenario, true)
      expect(seen(wrapped)).toBe(seen(bare))
      expect(wrapped.calls.length).toBe(1)
      expect(wrapped.warnings).toEqual([...new Set(wrapped.warnings)])
    }),
    { seed, numRuns: 1000, examples, includeErrorInReport: true },
  )
})

// Else it would be one that nothing calls.
test.each(PLACES)('%s is where something can go wrong', async (at) => {
  const faults = [{ at, deed: 'throws an error', after: 0 }] as const
  const own = {
    isForeign: at === 'console.warn' || PROVIDER_PLACES.includes(at),
    isForeignContext: at.startsWith('context.'),
    faults,
  }
  const has = async (scenario: Scenario) => (await play(scenario, true)).happened.has(at)
  let happens = false
  for (const result of RESULTS) {
    for (const platform of PLATFORMS)
      happens ||= await has({ ...own, platform, result, hasLogger: at === 'diag.error' })
  }
  expect(happens).toBe(true)
})

function seen({ calls, outcome, unhandled, rejected }: Told): string {
  return inspect({ calls, outcome, unhandled, rejected }, { depth: 5, compact: true, breakLength: Infinity })
}
