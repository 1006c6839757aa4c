/** The app of `test/functions/next`, in a project that has one version of Next, built and served by Next itself. */
import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const repository = path.resolve(import.meta.dirname, '../..')
const launcher = path.join(import.meta.dirname, 'next-launcher.cjs')

export type NextVersion = 15 | 16
export type NextBundler = 'webpack' | 'turbopack'
type Env = Record<string, string>

/** Of ours only these: Vitest's own would turn the plugin off, and an OTEL_ variable of the machine must not decide a test. */
function userEnv(env: Env): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env
  return { PATH, HOME, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', CI: '1', ...env }
}

export interface NextApp {
  readonly folder: string
  /** @returns what the build printed */
  build(bundler: NextBundler, env?: Env): Promise<string>
  start(env?: Env): Promise<NextServer>
  remove(): void
}

export interface NextServer {
  readonly url: string
  output(): string
  /** @returns the exit code, or the signal that ended it */
  stop(signal: NodeJS.Signals): Promise<number | string>
  readonly ended: Promise<number | string>
}

/** Below the project that has Next installed, because Next looks for it from there. */
export function createNextApp(version: NextVersion): NextApp {
  const project = path.join(repository, `test/projects/next-${version}`)
  mkdirSync(path.join(project, '.cache'), { recursive: true })
  const folder = mkdtempSync(path.join(project, '.cache/app-'))
  cpSync(path.join(repository, 'test/functions/next'), folder, { recursive: true })
  if (version === 15) {
    const source = readFileSync(path.join(folder, 'proxy.ts'), 'utf8')
    renameSync(path.join(folder, 'proxy.ts'), path.join(folder, 'middleware.ts'))
    writeFileSync(path.join(folder, 'middleware.ts'), source.replace('function proxy', 'function middleware'))
  }
  const next = path.join(project, 'node_modules/next/dist/bin/next')
  const run = (args: string[], env: Env, before: string[] = []): ChildProcess =>
    spawn(process.execPath, [...before, next, ...args], {
      cwd: folder,
      env: userEnv(env),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  return {
    folder,
    async build(bundler, env = {}) {
      // Webpack is what 15 builds with if it is told nothing.
      const flags = version === 15 && bundler === 'webpack' ? [] : [`--${bundler}`]
      const child = run(['build', ...flags], env)
      const output = collect(child)
      const code = await ended(child)
      if (code !== 0) throw new Error(`next build ended with ${code}\n${output()}`)
      return output()
    },
    async start(env = {}) {
      const port = await freePort()
      const before = env['NEXT_LAUNCHER'] ? ['--require', launcher] : []
      const child = run(['start', '-p', String(port), '-H', '127.0.0.1'], env, before)
      const output = collect(child)
      const end = ended(child)
      const url = `http://127.0.0.1:${port}`
      await ready(url, end, output)
      return {
        url,
        output,
        ended: end,
        stop(signal) {
          if (child.exitCode === null && child.signalCode === null) process.kill(child.pid!, signal)
          return end
        },
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Answered by a file, so no handler has run when it is up. */
async function ready(url: string, end: Promise<unknown>, output: () => string): Promise<void> {
  const isUp = async () => {
    const answer = await fetch(`${url}/ready.txt`).catch(() => undefined)
    await answer?.text()
    return answer?.ok
  }
  let state: boolean | 'ended' | undefined = await isUp()
  while (state !== true) {
    state = await Promise.race([end.then(() => 'ended' as const), sleep(50).then(isUp)])
    if (state === 'ended') throw new Error(`next start ended\n${output()}`)
  }
}

function collect({ stdout, stderr }: ChildProcess): () => string {
  let text = ''
  for (const stream of [stdout!, stderr!]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return () => text
}

function ended(child: ChildProcess): Promise<number | string> {
  const kill = () =>
    void (child.pid && child.exitCode === null && child.signalCode === null && process.kill(-child.pid, 'SIGKILL'))
  process.once('exit', kill)
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      process.off('exit', kill)
      resolve(code ?? signal!)
    })
  })
}

/** Next takes no 0 and tells nobody which port it chose. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
