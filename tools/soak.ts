/**
 * `npm run soak -- [--minutes 10] [--seed 7]`: ways to end × spans × collectors × calls at once × starts, as a pairwise
 * cover and then another one with the next seed, until the time is over. Fewer than 200 combinations fail.
 */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '7' } },
})
const minutes = Number(values.minutes)
const seed = Number(values.seed)
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error(`[unplugin-otel] --minutes ${values.minutes} --seed ${values.seed}: a number above 0, and a whole one`)
  process.exit(2)
}
const vitest = resolve(import.meta.dirname, '../node_modules/vitest/vitest.mjs')
const run = spawn(process.execPath, [vitest, 'run', '--project', 'soak', '--reporter=dot'], {
  stdio: 'inherit',
  env: { ...process.env, SOAK_MINUTES: String(minutes), SOAK_SEED: String(seed) },
})
run.on('exit', (code) => (process.exitCode = code ?? 1))
