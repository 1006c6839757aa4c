import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { startProcess } from './sandbox-process.ts'
import type { Journal } from './journal.ts'
import type { LambdaOptions } from './lambda-options.ts'
import type { SandboxProcess } from './sandbox-process.ts'

/** The processes of one environment. They are frozen and continued together. */
export interface Sandbox {
  readonly runtime: SandboxProcess | undefined
  readonly externals: readonly SandboxProcess[]
  startExternals(): void
  startRuntime(): void
  freeze(): void
  thaw(): void
}

export interface SandboxOptions {
  lambda: LambdaOptions
  env: Record<string, string>
  journal: Journal
  onOutput(text: string): void
  onRuntimeExit(code: number | null, signal: NodeJS.Signals | null): void
  onExternalExit(name: string): void
  /** The JavaScript client asked for its next invocation; the request itself arrives later. */
  onNextAnnounced(): void
}

const CLIENT = fileURLToPath(new URL('rapid-client.cjs', import.meta.url))

export function createSandbox(options: SandboxOptions): Sandbox {
  const { lambda, env, journal, onOutput, onRuntimeExit, onExternalExit, onNextAnnounced } = options
  const { node = process.execPath, nodeArgs = [], handler, taskRoot: cwd } = lambda
  const common = { cwd, journal, onOutput }
  const externals: SandboxProcess[] = []
  let runtime: SandboxProcess | undefined

  function signalAll(signal: NodeJS.Signals): void {
    for (const process of [runtime, ...externals]) process?.signal(signal)
  }

  return {
    get runtime() {
      return runtime
    },
    externals,
    startExternals() {
      for (const { name, command, args, env: own } of lambda.externalExtensions ?? []) {
        externals.push(
          startProcess({
            ...common,
            name,
            command,
            args,
            env: { ...env, ...own },
            onExit: () => onExternalExit(name),
          }),
        )
      }
    },
    startRuntime() {
      const ric = lambda.ric ?? createRequire(import.meta.url).resolve('aws-lambda-ric')
      const javascript = lambda.client !== 'native'
      runtime = startProcess({
        ...common,
        name: 'runtime',
        command: node,
        env,
        // Version 3 of the client reads the handler from its arguments, version 4 from _HANDLER.
        args: [...nodeArgs, ...(javascript ? ['--require', CLIENT] : []), ric, handler],
        onExit: onRuntimeExit,
        ...(javascript && { onAnnouncement: onNextAnnounced }),
      })
    },
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
  }
}
