/** A Node process that loads what is built again and again, as a local development server does: test/watch/host.cjs. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { startReceiver, type Receiver } from '../harness/otlp-receiver.ts'

export interface HostState {
  readonly listeners: Readonly<Record<string, number>>
  readonly resources: readonly string[]
  readonly slot?: {
    readonly keys: readonly string[]
    readonly active: number
    readonly orphans: number
    readonly retained: number
  }
  readonly symbols: number
  /** How many tracer providers were ever registered. */
  readonly providers: number
  /** Whether something of Node is not what it was when the process began. */
  readonly isPatched: boolean
  /** Modules of CommonJS that were loaded and are still in memory. */
  readonly alive: number
}

export interface Host {
  readonly receiver: Receiver
  /** Loads the file anew and calls one of its exports; what that has returned, and the names of all. */
  invoke(file: string, name: string): Promise<{ value?: unknown; names: string[] }>
  state(): Promise<HostState>
}

/** Ends with the test, as its receiver does. */
export async function startHost(env: Record<string, string> = {}): Promise<Host> {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const child = fork(path.join(import.meta.dirname, 'host.cjs'), {
    execArgv: ['--expose-gc'],
    env: { PATH: process.env['PATH'], OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
  })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    child.kill()
    await exited
  })
  // oxlint-disable-next-line typescript/no-explicit-any
  const ask = async (command: object): Promise<any> => {
    const answered = once(child, 'message')
    child.send(command)
    const [{ result, error }] = (await Promise.race([
      answered,
      exited.then(([code]) => [{ error: `the host ended with ${code}` }]),
    ])) as [{ result?: unknown; error?: string }]
    if (error) throw new Error(error)
    return result
  }
  return {
    receiver,
    invoke: (file, name) => ask({ file, name }),
    state: () => ask({ state: true }),
  }
}
