/**
 * A process of its own for the builds of one bundler: `run.ts <bundler> <Task as JSON>`. What it found is a line of
 * JSON, the last one on stdout: bundlers print there, too.
 */
import path from 'node:path'
import { noteCalls } from './asked.ts'
import { bundlers } from './bundlers.ts'
import { counts, type Counts } from './counts.ts'

export interface Task {
  readonly root: string
  readonly entries: Readonly<Record<string, string>>
  readonly outdir: string
  readonly options: object
  /** What each build is with, in turn. `runtime`: no plugin, but what it makes of the entry, in `wrapped`. */
  readonly builds: readonly ('plugin' | 'none' | 'runtime')[]
  /** A file that is an entry's place where the build is with `runtime`. */
  readonly wrapped?: string
  /** What is called is noted, which takes time. */
  readonly isCounted: boolean
}

export interface Result {
  /** Milliseconds of each build. */
  readonly times: readonly number[]
  /** Milliseconds that all threads of this process have computed; esbuild has another one. */
  readonly cpu: readonly number[]
  readonly counts: Counts
}

const [bundler, task] = process.argv.slice(2) as [string, string]
const { root, entries, outdir, options, builds, wrapped, isCounted }: Task = JSON.parse(task)
const plugin = path.resolve(import.meta.dirname, `../../dist/plugin/${bundler}.js`)
process.chdir(root)
const { default: otel } = await import(plugin)
const build = await bundlers[bundler]!()
const times: number[] = []
const cpu: number[] = []
for (const each of builds) {
  const started = performance.now()
  const before = process.cpuUsage()
  const ours = each === 'plugin' ? otel({ enabled: true, report: false, ...options }) : undefined
  const plugins = ours ? [isCounted ? noteCalls(bundler, ours) : ours] : []
  await build({ root, entries: each === 'runtime' ? { ...entries, index: wrapped! } : entries, outdir, plugins })
  times.push(performance.now() - started)
  const { user, system } = process.cpuUsage(before)
  cpu.push((user + system) / 1000)
}
const result: Result = { times, cpu, counts }
process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit())
