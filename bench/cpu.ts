/** CPU time of a warm invocation: fresh processes in turns, of each the time of the whole process. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { BUDGETS } from './budgets.ts'
import { buildFunction, type Subject, type Way } from './bundles.ts'
import { startCollector, type Collector } from './collector.ts'
import { functionEnv } from './function-env.ts'
import type { Measured, Task } from './process/invoke.ts'
import { inTurns, paired, spreadOf, type Spread } from './statistics.ts'

const run = promisify(execFile)
const SUBJECTS: readonly Subject[] = ['bare', 'ours', 'by hand']
const CHILDREN = [0, 5, 50]
const WARM_UP = 1000
export const COUNT = 2000

export interface Cpu {
  readonly way: Way
  readonly children: number
  readonly rounds: number
  /** µs per invocation. */
  readonly cpu: Record<Subject, Spread>
  /** Ours through by hand, of each round. */
  readonly ratio: Spread
  /** µs from the call to the user's first line. */
  readonly entered: Record<Subject, Spread>
  /** Mean size of a payload. */
  readonly bytes?: Record<'ours' | 'by hand', number>
}

export async function measureCpu(rounds: number): Promise<Cpu[]> {
  const collector = await startCollector()
  try {
    const results: Cpu[] = []
    for (const way of ['payload', 'exported'] as const) {
      for (const children of CHILDREN) {
        // The others are for orientation.
        const share = children === BUDGETS.cpu.children ? 1 : 1 / 3
        results.push(await measure(way, children, Math.ceil(rounds * share), collector))
      }
    }
    return results
  } finally {
    collector.stop()
  }
}

async function measure(way: Way, children: number, rounds: number, collector: Collector): Promise<Cpu> {
  const measured: Record<Subject, Measured[]> = { bare: [], ours: [], 'by hand': [] }
  for (let round = 0; round < rounds; round++) {
    for (const subject of inTurns(round, SUBJECTS)) {
      measured[subject].push(await invoke(subject, way, { children }, collector))
    }
  }
  const each = (toValue: (one: Measured) => number) =>
    Object.fromEntries(SUBJECTS.map((subject) => [subject, spreadOf(measured[subject].map(toValue))])) as Record<
      Subject,
      Spread
    >
  const [ours, byHand] = [measured.ours.map(({ cpu }) => cpu), measured['by hand'].map(({ cpu }) => cpu)]
  const meanOf = ([first]: Measured[]) => Math.round(first!.dropped!.bytes / first!.dropped!.payloads)
  return {
    way,
    children,
    rounds,
    cpu: each(({ cpu }) => cpu),
    ratio: paired(ours, byHand, (a, b) => a / b),
    entered: each(({ entered }) => entered),
    ...(way === 'payload' && { bytes: { ours: meanOf(measured.ours), 'by hand': meanOf(measured['by hand']) } }),
  }
}

const built = new Map<string, Promise<string>>()

/** @throws when not every invocation was exported: then there is nothing to compare */
export async function invoke(
  subject: Subject,
  way: Way,
  { children, profile = false }: { children: number; profile?: boolean },
  collector: Collector,
): Promise<Measured & { readonly file: string }> {
  const key = `${subject} ${way}`
  if (!built.has(key)) built.set(key, buildFunction(subject, way))
  const file = await built.get(key)!
  const task: Task = { file, children, warmUp: WARM_UP, count: COUNT, profile }
  const args = ['--expose-gc', path.join(import.meta.dirname, 'process/invoke.ts'), JSON.stringify(task)]
  const { stdout } = await run(process.execPath, args, { env: functionEnv(collector.url), maxBuffer: 1 << 26 })
  const result = JSON.parse(stdout) as Measured
  const arrived = way === 'exported' ? await collector.requests() : (result.dropped?.payloads ?? 0)
  if (arrived !== (subject === 'bare' ? 0 : result.invocations)) {
    throw new Error(`${key}: ${arrived} payloads of ${result.invocations} invocations`)
  }
  return { ...result, file }
}
