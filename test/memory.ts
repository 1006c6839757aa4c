/** The memory of one process over many invocations, with the built plugin: how the heap grows, and what stays open. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { buildFunction } from './deploy.ts'
import { startCollector } from './memory/collector.ts'

/** After a fiftieth of the invocations, and a garbage collection; heaps in bytes. */
export interface Sample {
  readonly invocations: number
  /** Spans that never ended, and are therefore not expected. */
  readonly unended: number
  readonly heapUsed: number
  readonly external: number
  readonly timers: number
  readonly handles: number
  readonly listeners: number
  readonly active: number
  readonly orphans: number
  readonly retained: number
  readonly warned: number
}

export interface Memory {
  readonly samples: readonly Sample[]
  /** Bytes that the heap grows by over the last 80 % of the invocations, by least squares. */
  readonly growth: number
  readonly invocations: number
  /** That were made to arrive: three an invocation, but for those that never ended. */
  readonly ended: number
  /** That arrived. */
  readonly spans: number
  /** To the collector at once, at the most. */
  readonly connections: number
  /** What the process printed beside the samples. */
  readonly output: string
}

const folder = path.join(import.meta.dirname, 'memory')

export async function measureMemory(count: number): Promise<Memory> {
  const built = await buildFunction(path.join(folder, 'handler.ts'), {
    // Longer than any answer takes on a busy machine: a pause would keep spans back.
    otel: { platform: 'aws-lambda', handlers: ['handler', 'withCallback'], flush: { budgetMs: 30_000 } },
  })
  const collector = await startCollector()
  try {
    const invoker = spawn(
      process.execPath,
      ['--expose-gc', path.join(folder, 'invoker.ts'), path.join(built, 'index.mjs'), String(count), collector.address],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const exited = new Promise<unknown>((resolve) => void invoker.on('exit', (code, signal) => resolve(code ?? signal)))
    const [printed, output, code] = await Promise.all([text(invoker.stdout), text(invoker.stderr), exited])
    if (code !== 0) throw new Error(`${String(code)}\n${output}`)
    const samples = printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Sample)
    const last = samples.slice(samples.length / 5)
    const growth = slope(last) * (last.at(-1)!.invocations - last[0]!.invocations)
    // One more flushes the last ones that ended late.
    const invocations = samples.at(-1)!.invocations + 1
    const ended = invocations * 3 - samples.at(-1)!.unended
    return {
      samples,
      growth,
      invocations,
      ended,
      spans: collector.spans(),
      connections: collector.connections(),
      output,
    }
  } finally {
    collector.stop()
  }
}

/** Bytes an invocation. */
function slope(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const x = mean(samples.map(({ invocations }) => invocations))
  const y = mean(samples.map(({ heapUsed }) => heapUsed))
  const covariance = mean(samples.map(({ invocations, heapUsed }) => (invocations - x) * (heapUsed - y)))
  return covariance / mean(samples.map(({ invocations }) => (invocations - x) ** 2))
}
