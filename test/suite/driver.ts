/**
 * What the suite needs to know of a platform: every export of every file in `test/drivers/` is one of these. A driver
 * deploys a handler of its own, which passes the path of each request to `respond` and gives back what that returned.
 */
import path from 'node:path'
import type { Options } from 'unplugin-otel/esbuild'
import type { Receiver } from '../harness/otlp-receiver.ts'
import type { StartedSpan } from './ledger.ts'

/** What every platform does the same; described where they are tested, in `suite/`. */
export type Behaviour =
  | 'ok'
  | 'throw'
  | 'reject'
  | '4xx'
  | '5xx'
  | 'stream'
  | 'stream-error'
  | 'stream-cancel'
  | 'background'
  | 'slow-collector'
  | 'dead-collector'
  | 'hanging-collector'
  | 'parent'
  | 'malformed-parent'
  | 'concurrent'
  | 'cold-start'
  | 'freeze'
  | 'eviction'

export interface Driver {
  readonly id: string
  /** What the platform does not have: why, with a link to the page that says so. Its test is skipped with that reason. */
  readonly lacks: Partial<Record<Behaviour, `${string}https://${string}`>>
  /** The response is held until the export is done or its budget is spent, because nothing runs after it. */
  readonly callerWaits: boolean
  /** False where the HTTP status does not pass through what the handler returns. */
  readonly seesStatus: boolean
  /** Builds and starts it. What it started is stopped by `onTestFinished`. */
  deploy(options: DeployOptions): Promise<Deployment>
}

export interface DeployOptions {
  /** `false`: the same handler, built without the plugin. */
  otel: Options | false
  /** The function's collector: `OTEL_EXPORTER_OTLP_ENDPOINT` is its `url`. */
  receiver: Receiver
}

export interface Deployment {
  /** Resolves when the caller has the whole answer or its error; rejects only when the platform itself is broken. */
  invoke(path: string, init?: InvokeInit): Promise<Result>
  /**
   * Ends the instance without a word (SIGKILL), as early as the platform may: it waits for what the platform waits for
   * (`waitUntil`, an extension's turn) and for nothing else. The next invocation is a cold start.
   */
  evict(): Promise<void>
  /** `startedIn` what the function has printed; complete once `evict` has resolved. */
  startedSpans(): StartedSpan[]
  /** What the platform itself has noted of the invocations, for its own logs and metrics, where it tells; sorted. */
  outcomes?(): string[]
}

export interface InvokeInit {
  headers?: Record<string, string>
  /** The caller hangs up after that many bytes of the body. */
  cancelAfterBytes?: number
}

/** What the caller sees, without what differs between any two answers: request ids, dates, stack traces. */
export interface Result {
  status?: number
  headers: Record<string, string>
  /** Empty where the platform describes the error in it; cut at `cancelAfterBytes`. */
  body: Buffer
  error?: { type?: string; message: string }
}

/** What a driver's handler imports `respond` from. */
export const scenarios = path.resolve(import.meta.dirname, '../functions/scenarios.ts')
