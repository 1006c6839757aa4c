/**
 * The table of faults (test/harness/fault-rows.ts) × platforms, from the last `npm run test:built`: 200 invocations a cell
 * while the collector is ill. Fails where a cell did not run, changed an answer, or cannot account for a span.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { FaultResult, FaultRow, PlatformId } from '../test/faults/fault-row.ts'
import { recoveries } from '../test/faults/recoveries.ts'
import { faultRows } from '../test/harness/fault-rows.ts'
import { printTable } from './print-table.ts'

const PLATFORMS: readonly PlatformId[] = ['lambda-await', 'lambda-extension', 'lambda-streaming', 'workers', 'node']
const HEAD = [
  'fault',
  'platform',
  'same',
  'added ms p50',
  'p99',
  'billed ms p50',
  'most',
  'requests',
  'started',
  'received',
  'unanswered',
  'kept',
  'recovered',
  'dropped',
  'twice',
  'maybe twice',
  'said',
]

/** NaN is null in JSON. */
type Nullable<T> = { [K in keyof T]: T[K] extends number ? number | null : T[K] extends object ? Nullable<T[K]> : T[K] }
type Result = Nullable<FaultResult>

const results = readResults(resolve(import.meta.dirname, '../.cache/tests.json'))
let hasFailed = false

printTable(
  HEAD,
  faultRows.flatMap((row) => PLATFORMS.flatMap((platform) => lineOf(row, platform))),
)
const sum = (key: 'started' | 'received' | 'duplicated') =>
  results.reduce((total, result) => total + Number(result[key]), 0)
console.log(
  `\n${results.length} cells: ${sum('started')} spans started, ${sum('received')} received, ${sum('duplicated')} answered twice`,
)
for (const { name, fails } of recoveries.slice(0, 2)) {
  const cells = results.filter((result) => result.name === name)
  const total = (key: 'started' | 'received') => cells.reduce((count, cell) => count + Number(cell[key]), 0)
  const slowest = Math.max(...cells.map(({ added }) => Number(added.p50)))
  const waits = fails === 'never' ? '' : `at most ${toMs(slowest)} ms at p50 after the breaker opened, `
  console.log(`${name}: ${waits}${total('received')} of ${total('started')} spans delivered in the end`)
}
for (const { name, ambiguous } of faultRows) if (ambiguous) console.log(`maybe twice by "${name}": ${ambiguous}`)
if (hasFailed) process.exitCode = 1

function lineOf(row: FaultRow, platform: PlatformId): string[][] {
  const { name } = row
  const expected = row.on?.[platform] ?? row
  const result = results.find((one) => one.name === name && one.platform === platform)
  if (!result) {
    hasFailed = true
    return [[name, platform, 'did not run', ...HEAD.slice(3).map(() => '')]]
  }
  const { identical, added, billed, dropped, said, duplicated, ambiguous, attempts } = result
  if (!identical || duplicated || (ambiguous && !expected.ambiguous)) hasFailed = true
  return [
    [
      name,
      platform,
      identical ? 'yes' : 'NO',
      ...[added.p50, added.p99, billed.p50, billed.most].map(toMs),
      attempts === null ? '-' : String(attempts),
      ...[result.started, result.received, result.unanswered, result.kept, result.recovered].map(String),
      dropped.spans ? `${dropped.spans} (${dropped.reasons.join(', ')})` : '0',
      String(duplicated),
      String(ambiguous),
      said.join(' '),
    ],
  ]
}

function toMs(ms: number | null): string {
  return ms === null ? '-' : `${ms < 0 ? '' : '+'}${ms.toFixed(1)}`
}

function readResults(file: string): Result[] {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as {
    testResults: { assertionResults: { meta: { fault?: Result } }[] }[]
  }
  return testResults.flatMap(({ assertionResults }) => assertionResults.flatMap(({ meta }) => meta.fault ?? []))
}
