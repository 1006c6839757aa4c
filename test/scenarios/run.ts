/** One cell of the table: a function with the plugin, beside the same one without, and what became of its spans. */
import { expect, onTestFinished, TestRunner } from 'vitest'
import path from 'node:path'
import type { Options } from 'unplugin-otel/esbuild'
import { compareLedger } from '../harness/ledger.ts'
import { startReceiver } from '../harness/otlp-receiver.ts'
import { startedIn } from '../suite/ledger.ts'
import type { Answer, Cell, Column, Deployed, Scenario } from './scenario.ts'

/** A line of the table, by `tools/scenario-table.ts`. */
export interface CellResult {
  readonly row: number
  readonly pitfall: number
  readonly name: string
  readonly column: string
  readonly invocations: number
  readonly started: number
  readonly received: number
  readonly lost: number
  readonly duplicated: number
  readonly identical: boolean
  /** Medians, in milliseconds; `after` is billed after the response. NaN: not known, or not billed. */
  readonly billed: { readonly with: number; readonly without: number; readonly after: number }
  /** Why what is lost could not be saved. */
  readonly killed?: string | undefined
}

declare module 'vitest' {
  interface TaskMeta {
    cell?: CellResult
  }
}

const LEDGER = path.resolve(import.meta.dirname, '../functions/ledger.ts')
const THRICE = [{}, {}, {}]

export async function runCell(scenario: Scenario, column: Column, cell: Cell, format: 'esm' | 'cjs'): Promise<void> {
  const receiver = await startReceiver(cell.receiver)
  onTestFinished(() => receiver.stop())
  const source = `import { open, root, sleep, span } from ${JSON.stringify(LEDGER)}\n${cell.source}`
  const deploy = async (otel: Options | false) =>
    column.deploy(await column.build({ source, format, otel }), { cell, receiver })
  const [traced, control] = await Promise.all([deploy(cell.otel ?? {}), deploy(false)])
  const { calls = THRICE, between } = cell
  const answers: Answer[] = []
  const expected: Answer[] = []
  const bunches = cell.atOnce ? [calls] : calls.map((call) => [call])
  for (const [n, bunch] of bunches.entries()) {
    const both = await Promise.all([control, traced].map((one) => Promise.all(bunch.map((call) => one.call(call)))))
    expected.push(...both[0]!)
    answers.push(...both[1]!)
    await between?.(n, receiver)
  }
  await evict(traced, control)

  const output = traced.output()
  const comparison = compareLedger(startedIn(output), receiver.spans)
  const { started, received, lost, duplicated } = comparison
  const visible = answers.map((answer) => answer.visible)
  const asWithout = expected.map((answer) => answer.visible)
  const { row, pitfall, name, killed, repeats } = scenario
  const task = TestRunner.getCurrentTest()
  const result: CellResult = {
    row,
    pitfall,
    name,
    killed,
    column: format === 'cjs' ? `${column.id}, CommonJS` : column.id,
    invocations: calls.length,
    started,
    received,
    lost: lost.length,
    duplicated: duplicated.length,
    identical: JSON.stringify(visible) === JSON.stringify(asWithout),
    billed: {
      with: median(answers.map(({ responseMs, afterMs = NaN }) => responseMs + afterMs)),
      without: median(expected.map(({ responseMs, afterMs = NaN }) => responseMs + afterMs)),
      after: median(answers.map(({ afterMs = NaN }) => afterMs)),
    },
  }
  if (task) task.meta.cell = result

  expect(visible, 'what the callers see, as without the plugin').toEqual(asWithout)
  expect(started, 'spans that the function started').toBeGreaterThan(0)
  if (!killed)
    expect(
      lost.map((span) => span.name),
      `lost of ${started}\n${output}`,
    ).toEqual([])
  if (!repeats) expect(duplicated, 'duplicated').toEqual([])
  await cell.check?.({ answers, comparison, spans: receiver.spans, receiver, output })
}

async function evict(...deployed: Deployed[]): Promise<void> {
  await Promise.all(deployed.map((one) => one.evict()))
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
