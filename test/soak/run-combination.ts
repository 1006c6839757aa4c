/** One combination: a function with the plugin beside the same one without, in two bunches of calls and a last one. */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import type { Options } from 'unplugin-otel/esbuild'
import { compareLedger } from '../harness/ledger.ts'
import { startReceiver } from '../harness/otlp-receiver.ts'
import { columns } from '../scenarios/columns/index.ts'
import type { Answer, Cell, Deployed } from '../scenarios/scenario.ts'
import { startedIn } from '../suite/ledger.ts'
import { collectors, type Combined } from './axes.ts'
import { subjects, type Subject } from './subjects.ts'

export interface Outcome {
  readonly invocations: number
  readonly started: number
  readonly received: number
  readonly lost: number
  readonly duplicated: number
}

const LEDGER = path.resolve(import.meta.dirname, '../functions/ledger.ts')
const BUNCHES = 2
const ENDS_ITSELF = /exit|uncaught|unhandled/
const LONG_FREEZE_MS = 1200
/** Of a function that is meant to reach it, and of the others: 5,000 lines of the ledger take their time. */
const TIMEOUT_MS = 1500
const ENOUGH_MS = 20_000
const batchings: Readonly<Record<Combined['batching'], Options>> = {
  auto: {},
  immediate: { batching: 'immediate' },
  numbers: { batching: { maxExportBatchSize: 500, scheduledDelayMillis: 50 } },
}

export async function runCombination(combined: Combined): Promise<Outcome> {
  const { spans, collector, atOnce, start, format, batching } = combined
  const subject: Subject = subjects[combined.subject as keyof typeof subjects]
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const source = `import { open, root, sleep, span } from ${JSON.stringify(LEDGER)}\n${subject.source}`
  const cell: Omit<Cell, 'source'> = { timeoutMs: subject.isTimeout ? TIMEOUT_MS : ENOUGH_MS }
  const column = columns.find(({ id }) => id === subject.column)!
  const deploy = async (otel: Options | false) =>
    column.deploy(await column.build({ source, format, otel }), { cell, receiver })
  const [traced, control] = await Promise.all([deploy(batchings[batching]), deploy(false)])
  const bunch = (deployed: Deployed, count: number, making: number): Promise<Answer[]> =>
    Promise.all(
      Array.from({ length: count }, () => deployed.call({ event: { spans: making }, path: `/?spans=${making}` })),
    )

  await receiver.set(collectors[collector])
  const visible: unknown[] = []
  const asWithout: unknown[] = []
  const compare = async (count: number, making = spans) => {
    const [without, withPlugin] = await Promise.all([bunch(control, count, making), bunch(traced, count, making)])
    asWithout.push(...without.map((answer) => answer.visible))
    visible.push(...withPlugin.map((answer) => answer.visible))
  }
  for (let n = 0; n < BUNCHES; n++) {
    if (n > 0 && start === 'cold') await Promise.all([traced.evict(), control.evict()])
    if (n > 0 && start === 'long freeze') {
      receiver.dropIdleSockets()
      await sleep(LONG_FREEZE_MS)
    }
    await compare(atOnce)
  }
  // What was kept while the collector was ill goes with the next that ends, once its pause is over.
  await receiver.set({ mode: 'ok', delayMs: 0 })
  await compare(1)
  const missing = () => compareLedger(startedIn(traced.output()), receiver.spans).lost.length > 0
  for (let n = 0; n < 10 && isSaved(combined, subject) && missing(); n++) {
    await sleep(1000)
    await compare(1, 0)
  }
  await Promise.all([traced.evict(), control.evict()])

  const { started, received, lost, duplicated } = compareLedger(startedIn(traced.output()), receiver.spans)
  expect(visible, 'what the callers see, as without the plugin').toEqual(asWithout)
  expect(started, 'spans that the function started').toBeGreaterThan(0)
  if (isSaved(combined, subject)) expect(lost.length, `lost of ${started}`).toBe(0)
  if (!isAmbiguous(combined)) expect(duplicated, 'duplicated').toEqual([])
  return { invocations: visible.length, started, received, lost: lost.length, duplicated: duplicated.length }
}

/** What is kept for a collector that is away is 2,048 spans, and 1 MiB. */
const KEPT_SPANS = 1800

/** Whether some may come twice: nobody knows what became of a request without an answer, or of one at the exit. */
function isAmbiguous({ collector, subject }: Combined): boolean {
  return collector === 'cut' || collector === 'silent' || ENDS_ITSELF.test(subject)
}

/** Whether all must arrive: what a process keeps for a collector that is away dies with the process. */
function isSaved({ collector, start, subject, spans, atOnce }: Combined, { column, isTimeout }: Subject): boolean {
  if (collector === 'well' || collector === 'slow') return true
  if (collector === 'cut' || collector === 'silent' || (spans + 1) * (atOnce * BUNCHES + 1) > KEPT_SPANS) return false
  return start !== 'cold' && !isTimeout && !ENDS_ITSELF.test(subject) && column !== 'workers'
}
