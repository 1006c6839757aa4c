import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { Journal } from './journal.ts'

export interface SandboxProcess {
  readonly name: string
  readonly pid: number
  readonly alive: boolean
  /** Resolves when the process and its output have ended. */
  readonly ended: Promise<void>
  signal(signal: NodeJS.Signals): void
}

export interface SandboxProcessOptions {
  name: string
  command: string
  args: string[]
  cwd: string
  env: Record<string, string>
  journal: Journal
  onOutput(text: string): void
  onExit(code: number | null, signal: NodeJS.Signals | null): void
  /** Called for what the process writes to its file descriptor 3. */
  onAnnouncement?: () => void
}

const live = new Set<number>()
process.on('exit', () => {
  // A test run that ends early must not leave stopped processes behind.
  for (const pid of live) signalGroup(pid, 'SIGKILL')
})

/** Starts it as the leader of its own process group, so that freezing and killing reach what it started itself. */
export function startProcess(options: SandboxProcessOptions): SandboxProcess {
  const { name, command, args, cwd, env, journal, onOutput, onExit, onAnnouncement } = options
  const child: ChildProcess = spawn(command, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...(onAnnouncement ? (['pipe'] as const) : [])],
  })
  const ended = Promise.withResolvers<void>()
  let alive = true

  const over = (code: number | null, signal: NodeJS.Signals | null) => {
    if (!alive) return
    alive = false
    if (child.pid !== undefined) {
      signalGroup(child.pid, 'SIGKILL') // its own children
      live.delete(child.pid)
    }
    journal.record('exit', { name, code, signal })
    onExit(code, signal)
  }
  child.on('exit', over)
  child.on('close', () => ended.resolve())
  child.on('error', (error) => {
    onOutput(`${name}: ${error.message}\n`)
    over(null, null)
    ended.resolve()
  })
  if (child.pid !== undefined) live.add(child.pid)
  journal.record('spawn', { name, pid: child.pid })

  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', onOutput)
  }
  if (onAnnouncement) (child.stdio[3] as Readable).on('data', onAnnouncement).on('error', () => {})

  return {
    name,
    pid: child.pid ?? -1,
    get alive() {
      return alive
    },
    ended: ended.promise,
    signal(signal) {
      if (alive && child.pid !== undefined) signalGroup(child.pid, signal)
    },
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // the whole group is gone already
  }
}
