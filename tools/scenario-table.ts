/**
 * The table of scenarios (test/harness/scenarios.ts) × platforms, from the last `npm run test:built`: invocations, spans
 * started, received, lost and duplicated, whether the answers were those of the same function without the plugin, and
 * what of it is billed. Fails where a cell did not run, or lost something that it could have saved.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { scenarios } from '../test/harness/scenarios.ts'
import type { CellResult } from '../test/scenarios/run.ts'
import type { ColumnId, Scenario } from '../test/scenarios/scenario.ts'
import { printTable } from './print-table.ts'

const results = readResults(resolve(import.meta.dirname, '../.cache/tests.json'))
/** Names of scenarios by platform and the reason why it has no such thing. */
const lacking = new Map<string, string[]>()
let hasFailed = false

const HEAD = [
  'row',
  'pitfall',
  'scenario',
  'platform',
  'invoked',
  'started',
  'received',
  'lost',
  'twice',
  'same',
  'billed ms',
  'of it after',
]
const lines = scenarios.flatMap((scenario) =>
  (Object.keys(scenario.on) as ColumnId[]).flatMap((column) => linesOf(scenario, column)),
)
printTable(HEAD, lines)

const sum = (key: 'invocations' | 'started' | 'received' | 'lost' | 'duplicated') =>
  results.reduce((total, result) => total + result[key], 0)
console.log(
  `\n${results.length} cells: ${sum('invocations')} invocations, ${sum('started')} spans started, ${sum('received')} received, ${sum('lost')} lost, ${sum('duplicated')} twice`,
)
const killed = scenarios.filter((scenario) => scenario.killed)
for (const { name, killed: why } of killed) console.log(`lost by ${name}: ${why}`)
for (const [where, names] of lacking) console.log(`\nnot on ${where}\n  ${names.join('; ')}`)
if (hasFailed) process.exitCode = 1

function linesOf(scenario: Scenario, column: ColumnId): string[][] {
  const cell = scenario.on[column]
  if (typeof cell === 'string') {
    const where = `${column}: ${cell}`
    lacking.set(where, [...(lacking.get(where) ?? []), scenario.name])
    return []
  }
  const found = results.filter(
    (result) => result.name === scenario.name && (result.column === column || result.column.startsWith(`${column}, `)),
  )
  const { row, pitfall, name } = scenario
  if (found.length === 0) {
    hasFailed = true
    return [[`${row}`, `${pitfall}`, name, column, 'did not run', ...HEAD.slice(5).map(() => '')]]
  }
  return found.map((result) => {
    const { invocations, started, received, lost, duplicated, identical } = result
    if ((lost > 0 && !scenario.killed) || (duplicated > 0 && !scenario.repeats) || !identical) hasFailed = true
    return [
      ...[row, pitfall, name, result.column, invocations, started, received, lost, duplicated].map(String),
      identical ? 'yes' : 'NO',
      ...billed(result),
    ]
  })
}

/** The median of an invocation with the plugin less that without, and what of the former is after the response. */
function billed({ billed: { with: traced, without, after } }: CellResult): [string, string] {
  // NaN is null in JSON.
  if (typeof traced !== 'number' || typeof without !== 'number') return ['-', '-']
  const added = traced - without
  return [`${added < 0 ? '' : '+'}${added.toFixed(1)}`, `${after.toFixed(1)} (${Math.round((100 * after) / traced)} %)`]
}

function readResults(file: string): CellResult[] {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as {
    testResults: { assertionResults: { meta: { cell?: CellResult } }[] }[]
  }
  return testResults.flatMap(({ assertionResults }) => assertionResults.flatMap(({ meta }) => meta.cell ?? []))
}
