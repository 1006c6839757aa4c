/**
 * `npm run test:playgrounds -- --budget 45m --only lambda-sst,rollup-lambda`: installs every project in `playgrounds/`
 * that has a spec, by its own lockfile, and runs the spec; what changed last goes first, by git. What the budget
 * does not reach is named and counts as neither passed nor failed.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { parseOptions, UsageError } from '../src/cli/args.ts'
import { closest } from '../src/plugin/suggestion.ts'

const root = path.resolve(import.meta.dirname, '..')
const HELP = 'CONTRIBUTING.md'
const MS = { s: 1000, m: 60_000, h: 3_600_000 }

type Outcome = 'passed' | 'failed' | 'skipped' | 'not reached'

/** What to end when this process has to. */
let running: ChildProcess | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    end(running, signal)
    process.exit(1)
  })
}

try {
  if (process.platform === 'win32') throw new UsageError('Windows cannot freeze a process (SIGSTOP)', 'Use WSL.')
  const { budgetMs, names } = readArguments(process.argv.slice(2))
  await run(names, performance.now() + budgetMs)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(error.message)
  process.exitCode = 2
}

function readArguments(args: string[]): { budgetMs: number; names: string[] } {
  const options = { budget: { type: 'string' }, only: { type: 'string' } } as const
  const { budget = '45m', only } = parseOptions(args, options, HELP) as { budget?: string; only?: string }
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(budget) ?? []
  if (!number) throw new UsageError(`--budget is '${budget}'`, 'Write a number and its unit, for example 45m or 90s.')
  const all = readdirSync(path.join(root, 'playgrounds')).filter((name) => findSpec(name))
  for (const name of only?.split(',') ?? []) {
    if (all.includes(name)) continue
    const similar = closest(name, all)
    const remedy = similar ? `Did you mean '${similar}'?` : `There are ${all.join(', ')}.`
    throw new UsageError(`no playground '${name}' with a spec.ts`, remedy)
  }
  const names = newestFirst(only ? all.filter((name) => only.split(',').includes(name)) : all)
  return { budgetMs: Number(number) * MS[unit as keyof typeof MS], names }
}

/** `spec.mts` where a package is CommonJS. */
function findSpec(name: string): string | undefined {
  const specs = ['spec.ts', 'spec.mts'].map((file) => path.join(root, 'playgrounds', name, file))
  return specs.find((spec) => existsSync(spec))
}

/** What is not committed yet comes before all that is; without git they are as new as each other. */
function newestFirst(names: string[]): string[] {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout ?? ''
  const changedAt = (name: string) => {
    const folder = `playgrounds/${name}`
    return git('status', '--porcelain', '--', folder)
      ? Infinity
      : Number(git('log', '-1', '--format=%ct', '--', folder))
  }
  const at = new Map(names.map((name) => [name, changedAt(name)]))
  return names.toSorted((a, b) => (at.get(a) === at.get(b) ? 0 : at.get(b)! - at.get(a)!))
}

async function run(names: string[], deadline: number): Promise<void> {
  const found: Record<Outcome, string[]> = { passed: [], failed: [], skipped: [], 'not reached': [] }
  for (const name of names) {
    const began = performance.now()
    const { outcome, output } = began < deadline ? await check(name, deadline) : { outcome: 'not reached' as const }
    found[outcome].push(outcome === 'not reached' && began < deadline ? `${name} (cut off)` : name)
    if (outcome === 'not reached') continue
    // The mark at the margin keeps the summary of a spec from being counted as that of this run.
    if (outcome === 'failed') console.log(output!.trimEnd().replace(/^/gm, `${name} | `))
    console.log(`${outcome} ${name} ${Math.round((performance.now() - began) / 1000)} s`)
  }
  if (found['not reached'].length > 0) console.log(`not reached: ${found['not reached'].join(', ')}`)
  console.log(`${found.passed.length} passed, ${found.failed.length} failed`)
  if (found.failed.length > 0) process.exitCode = 1
}

async function check(name: string, deadline: number): Promise<{ outcome: Outcome; output?: string }> {
  const left = () => Math.max(1, Math.floor(deadline - performance.now()))
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'playgrounds', findSpec(name)!]
  const installed = await node(['tools/install.mjs', `playgrounds/${name}`], left())
  const ran = installed.ok
    ? await node([...vitest, '--testTimeout', String(Math.min(left(), 15 * MS.m))], left())
    : installed
  const output = ran.output
  if (!ran.ok) return { outcome: performance.now() < deadline ? 'failed' : 'not reached', output }
  // A spec may leave out what the system cannot do.
  return { outcome: /^ *Tests .*passed/m.test(output) ? 'passed' : 'skipped', output }
}

/** Ended with all that it started when the time is up: by itself, or a little later from here. */
async function node(args: string[], timeoutMs: number): Promise<{ ok: boolean; output: string }> {
  const env = { ...process.env, NO_COLOR: '1' }
  const child = spawn(process.execPath, args, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  running = child
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const timer = setTimeout(() => end(child, 'SIGTERM'), timeoutMs + 5000)
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(timer)
  running = undefined
  return { ok: status === 0, output }
}

function end(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, signal)
}
