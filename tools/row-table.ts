/**
 * The shapes of handler exports (test/rows.ts) × the bundlers of tier 1, from the fixtures and tests that passed in the
 * last `npm run test:built`. Fails where a fixture did not pass that is not left out for one of the reasons there are
 * (test/tiers/left-out.ts).
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { RanFixtures } from '../test/ran.ts'
import { rows, type Row } from '../test/rows.ts'
import { leftOut } from '../test/tiers/left-out.ts'
import { printTable } from './print-table.ts'

const BUNDLERS = ['esbuild', 'vite', 'rollup', 'webpack']

const passed = readPassed(resolve(import.meta.dirname, '../.cache/tests.json'))
const reasons = new Set<string>()
let hasFailed = false

const lines = Object.entries(rows).map(([number, row]) => [
  number,
  row.shape,
  ...BUNDLERS.map((name) => cellOf(name, number, row)),
])
printTable(['', 'shape', ...BUNDLERS], lines)
if (reasons.size > 0) console.log(`\n${[...reasons].toSorted().join('\n')}`)
if (hasFailed) process.exitCode = 1

/** `ok` where all of its fixtures passed, `-` where none of them can be built. */
function cellOf(bundler: string, number: string, { wrapped = [], untouched = [], by }: Row): string {
  if (by) return passed.has(`${bundler} ${number}`) ? 'ok' : fail()
  const fixtures = [...wrapped, ...untouched]
  const built = fixtures.filter((fixture) => {
    const { because, why } = leftOut[bundler]?.[fixture.replace(/^.*\//, '')] ?? {}
    if (because) reasons.add(`${bundler}, ${fixture}: ${because} (${why})`)
    return !because
  })
  const failed = built.filter((fixture) => !passed.has(`${bundler} ${fixture}`))
  if (failed.length === 0) return built.length > 0 ? 'ok' : '-'
  return fail()
}

function fail(): string {
  hasFailed = true
  return 'FAILED'
}

function readPassed(file: string): Set<string> {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as {
    testResults: { assertionResults: { status: string; meta: { fixtures?: RanFixtures; rows?: string[] } }[] }[]
  }
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const fixtures = tests.flatMap(({ meta }) => meta.fixtures ?? [])
  const rows = tests.flatMap(({ status, meta }) => (status === 'passed' ? (meta.rows ?? []) : []))
  return new Set([...fixtures.flatMap(({ bundler, passed }) => passed.map((name) => `${bundler} ${name}`)), ...rows])
}
