/** Starts `run.ts` in the runtime that a bundler needs, and reads what it found. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { projects } from '../bundlers/build.ts'
import type { Result, Task } from './run.ts'

const run = promisify(execFile)
const bun = path.join(projects, 'bundlers/node_modules/@oven/bun-linux-x64/bin/bun')
const isBunThere = process.platform === 'linux' && process.arch === 'x64'

/** Bun's binary for Linux on x64 is what its lockfile brings. */
export const names: readonly string[] = [
  'esbuild',
  'vite',
  'rollup',
  'rolldown',
  'webpack',
  'rspack',
  'farm',
  ...(isBunThere ? ['bun'] : []),
]

/** @throws what the build threw */
export async function start(bundler: string, task: Task): Promise<Result> {
  const [binary, option, hook] =
    bundler === 'bun' ? [bun, '--preload', 'counted/bun.ts'] : [process.execPath, '--import', 'counted/hook.ts']
  const counting = task.isCounted ? [option, path.join(import.meta.dirname, hook)] : []
  const args = [...counting, path.join(import.meta.dirname, 'run.ts'), bundler, JSON.stringify(task)]
  const { stdout } = await run(binary, args, { cwd: task.root, maxBuffer: 100_000_000 })
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!)
}
