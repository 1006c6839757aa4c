/**
 * Random modules through the transform: what it emits parses, exports and does the same, is its own fixed point, and
 * maps to the source. `UNPLUGIN_OTEL_FUZZ_SEED` takes the seed of another run, `npm run fuzz` more modules.
 */
import { expect, test } from 'vitest'
import { fuzz, rotatedSeed } from './fuzz/run.ts'

const COUNT = 2000

test(`${COUNT} modules`, { timeout: 300_000 }, async () => {
  const seed = Number(process.env['UNPLUGIN_OTEL_FUZZ_SEED'] ?? rotatedSeed())
  console.log(`fuzz: seed ${seed}`)
  const { failure, fates, checked } = await fuzz(COUNT, seed)
  const again =
    failure && `npm run fuzz -- --seed ${seed} --path ${failure.path}\n${failure.module.code}\n${failure.why}`
  expect(again).toBeUndefined()
  expect(checked).toBe(COUNT)
  // Else the generator says little.
  expect(fates.invalid / COUNT).toBeLessThanOrEqual(0.05)
  expect(fates.wrapped / COUNT).toBeGreaterThan(0.3)
})
