import type { InvokeOptions, InvokeResult } from './invocation.ts'
import type { Journal } from './journal.ts'

export interface LambdaOptions {
  /** Folder with the built handler. */
  taskRoot: string
  /** For example `index.handler`. */
  handler: string
  /** Added to the environment; `undefined` removes a variable. */
  env?: Record<string, string | undefined>
  /** The function's timeout. @default 3000 */
  timeoutMs?: number
  /** @default 10000 */
  initTimeoutMs?: number
  /** @default 512 */
  memoryMb?: number
  journal?: Journal
  /** `native` needs a `ric` whose addon is built. @default 'javascript' */
  client?: 'javascript' | 'native'
  /** Path of the runtime interface client's `index.mjs`; the installed one when absent. */
  ric?: string
  /** Stop all processes as soon as an invocation is finished, continue them for the next. @default true */
  freeze?: boolean
  /** `refuse`: internal extensions are answered 403 `Extension.TooManyExtensions`. @default 'allow' */
  registration?: 'allow' | 'refuse'
  externalExtensions?: ExternalExtension[]
  /** `AWS_LAMBDA_INITIALIZATION_TYPE`. Any other than on-demand freezes after init as well. @default 'on-demand' */
  initializationType?: string
  /** @default process.execPath */
  node?: string
  nodeArgs?: string[]
}

export interface ExternalExtension {
  /** The name under which it registers. */
  name: string
  command: string
  args: string[]
  env?: Record<string, string>
}

export type LambdaState = 'init' | 'ready' | 'running' | 'frozen' | 'dead'

export interface LambdaHost {
  /**
   * Resolves when the caller has the whole response; `result.finished` tells when the environment is free.
   * Queued while the environment is busy; one that was reset is started again.
   */
  invoke(event: unknown, options?: InvokeOptions): Promise<InvokeResult>
  /** stdout and stderr of all processes so far. */
  readonly output: string
  /** Of the runtime. */
  readonly pid: number
  readonly state: LambdaState
  /** Of the current environment. */
  readonly coldStart: { spawnToFirstNextMs: number; registered: string[] }
  /** Shuts down as the platform does; no process is left. */
  stop(): Promise<void>
}
