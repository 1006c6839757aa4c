/** `npm run bench:build -- [bundlers] [--modules 100,1000,5000] [--rounds 9] [--json]`: see README.md. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createPipeline } from 'unplugin-otel'
import { createProject } from '../test/build-cost/modules.ts'
import type { Result, Task } from '../test/build-cost/run.ts'
import { names, start } from '../test/build-cost/start.ts'
import { printBuild } from './print.ts'
import { inTurns, intervalOf, spreadOf, type Interval, type Spread } from './statistics.ts'

export interface BuildCost {
  readonly bundler: string
  readonly modules: number
  /** Milliseconds. */
  readonly without: Spread
  readonly with: Spread
  readonly ratio: Interval
  /** Over a build without the plugin of what it makes of the entry: its own work, and not what its runtime is to bundle. */
  readonly overRuntime: Interval
  /** The same, of processor time. Undefined: the bundler is a process of its own. */
  readonly overRuntimeCpu: Interval | undefined
  readonly asked: number
  readonly handed: number
  readonly parsed: number
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    modules: { type: 'string', default: '100,1000,5000' },
    rounds: { type: 'string', default: '9' },
  },
})
const rounds = Number(values.rounds)
const sizes = values.modules.split(',').map(Number)
const unknown = positionals.find((name) => !names.includes(name))
if (unknown || !(rounds >= 1) || !sizes.every((size) => size >= 1)) {
  console.error(unknown ? `unknown bundler '${unknown}', there are ${names.join(', ')}` : 'a number is at least 1')
  process.exit(2)
}

/** The first round warms up. */
const BUILDS = ['none', 'runtime', 'plugin'] as const
const order = Array.from({ length: rounds + 1 }, (_, round) => inTurns(round, BUILDS)).flat()

async function measure(bundler: string, modules: number): Promise<BuildCost> {
  const folder = mkdtempSync(path.join(tmpdir(), 'otel-build-'))
  try {
    const root = path.join(folder, 'project')
    const { entries } = createProject(root, modules)
    const wrapped = path.join(root, 'src/wrapped.js')
    writeFileSync(wrapped, await wrap(root, entries['index']!))
    const task: Task = { root, entries, outdir: path.join(folder, 'out'), options: {}, builds: [], isCounted: false }
    const timed = await start(bundler, { ...task, wrapped, builds: order })
    const { counts } = await start(bundler, { ...task, builds: ['plugin'], isCounted: true })
    const times = byBuild(timed.times)
    const cpu = byBuild(timed.cpu)
    return {
      bundler,
      modules,
      without: spreadOf(times.none),
      with: spreadOf(times.plugin),
      ratio: ratioOf(times.plugin, times.none),
      overRuntime: ratioOf(times.plugin, times.runtime),
      overRuntimeCpu: bundler === 'esbuild' ? undefined : ratioOf(cpu.plugin, cpu.runtime),
      asked: counts.asked.length,
      handed: counts.handed.length,
      parsed: counts.parsed.length,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the plugin makes of the entry, with the files that its imports lead to. */
async function wrap(root: string, entry: string): Promise<string> {
  const facts = { name: 'rollup', root, platform: 'node', format: 'esm', topLevelAwait: true, appends: true } as const
  const rest = { conditions: [], entries: [entry], plugins: [], files: {} }
  const { transform } = createPipeline({ enabled: true }, { ...facts, ...rest })
  const output = await transform(readFileSync(entry, 'utf8'), entry, undefined)
  if (!output) throw new Error('the entry is not wrapped')
  const runtime = path.resolve(import.meta.dirname, '../dist/runtime')
  return output.code.replace(/(['"])unplugin-otel\/runtime\/([\w/-]+)\1/g, `$1${runtime}/$2.js$1`)
}

function byBuild(all: Result['times']): Record<(typeof BUILDS)[number], number[]> {
  const of = (build: string) => all.filter((_, at) => at >= BUILDS.length && order[at] === build)
  return { none: of('none'), runtime: of('runtime'), plugin: of('plugin') }
}

function ratioOf(a: readonly number[], b: readonly number[]): Interval {
  return intervalOf(a.map((value, round) => value / b[round]!))
}

const all: BuildCost[] = []
for (const bundler of positionals.length > 0 ? positionals : names) {
  for (const size of sizes) {
    all.push(await measure(bundler, size))
    // It takes minutes.
    if (!values.json) console.error(`${bundler}, ${size} modules`)
  }
}
if (values.json) console.log(JSON.stringify(all, undefined, 2))
else printBuild(all)
