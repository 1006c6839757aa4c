/** A row of the table of faults: what a collector does, and what may become of the spans. */
import type { Options } from 'unplugin-otel/esbuild'
import type { Receiver, ReceiverChanges, ReceiverOptions } from '../harness/otlp-receiver.ts'

/** `lambda-await`: the extension is refused, so that the response waits for the flush. */
export type PlatformId = 'lambda-await' | 'lambda-extension' | 'lambda-streaming' | 'workers' | 'node'

export const MOST_PROBES = 3

export interface FaultRow extends Expected {
  /** Unique, and short: it is a line of the table. */
  readonly name: string
  /** From the second invocation on; the first one finds the collector well. */
  readonly fault: ReceiverChanges
  /** From the start, where that is what is wrong. */
  readonly receiver?: ReceiverOptions
  /** In the place of the receiver's; nobody answers there, ever. */
  readonly endpoint?: string
  readonly otel?: Options
  /** Children of an invocation's span. @default 3 */
  readonly spans?: number
  /** An invocation under the fault, from 1, that has a span with an error: what is kept longest. */
  readonly errorIn?: number
  /** Every so many invocations the process's clock goes on by that much. */
  readonly clock?: { readonly every: number; readonly ms: number }
  /** Before an invocation under the fault, while the environment is frozen. @param n from 1 */
  before?(n: number, receiver: Receiver): void | Promise<void>
  /** What differs on a platform. */
  readonly on?: Partial<Record<PlatformId, Expected>>
}

/** Whatever is not dropped arrives once the collector is well, if it ever is. */
export interface Expected {
  /**
   * `never`: no flush fails any more at the end. `quick`, `slow`: all fail, at once or by the budget, which opens the
   * breaker for a second, or for thirty times the budget, and then twice as long each time: attempts are few.
   */
  readonly fails: 'never' | 'quick' | 'slow'
  /** At least so long the breaker is open, because the collector says so. */
  readonly pauseMs?: number
  /** Answers that come so late are still read: the collector is asked again then, and nobody waits for it. */
  readonly answersAfterMs?: number
  readonly leastAttempts?: number
  /** How often a collector that is well again is asked, each time after a pause, until it gets everything. @default 1 */
  readonly probes?: number
  /** Why spans are not delivered: the reasons that the next root names. @default none */
  readonly drops?: readonly string[]
  /** The codes of the warnings that there may be. */
  readonly says?: readonly `UO2${number}`[]
  /** Why a span may come twice. Without it none may. */
  readonly ambiguous?: string
}

/** A line of the table, by `tools/fault-table.ts`. NaN, which is null in JSON: nobody knows. */
export interface FaultResult {
  readonly name: string
  readonly platform: PlatformId
  readonly identical: boolean
  /** Milliseconds that the caller waits longer than without the plugin, after the first failure. */
  readonly added: { readonly p50: number; readonly p99: number }
  /** The same, until the environment is free again. */
  readonly billed: { readonly p50: number; readonly most: number }
  /** Requests while the collector was ill. */
  readonly attempts: number
  readonly started: number
  /** Each counted once. */
  readonly received: number
  /** Received whole, and nobody got an answer. */
  readonly unanswered: number
  /** In the process, after the last invocation under the fault. */
  readonly kept: number
  /** Of those from before: received once the collector was well again. */
  readonly recovered: number
  readonly dropped: { readonly spans: number; readonly reasons: readonly string[] }
  /** Answered twice. */
  readonly duplicated: number
  /** Received whole twice, and once not answered. */
  readonly ambiguous: number
  /** Codes of warnings, in their order. */
  readonly said: readonly string[]
}
