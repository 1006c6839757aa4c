/** A row of the table of scenarios: what can happen to an invocation, as a handler for each platform. */
import type { LedgerComparison } from '../harness/ledger.ts'
import type { ReceivedSpan, Receiver, ReceiverChanges } from '../harness/otlp-receiver.ts'
import type { Options } from 'unplugin-otel/esbuild'

/**
 * `lambda-v4`: the runtime client of Node 24; `lambda-v3`: that of Node 20 and 22, which has callbacks;
 * `lambda-streaming`: a streaming handler of the former; each stopped after every response.
 */
export type ColumnId = 'lambda-v4' | 'lambda-v3' | 'lambda-streaming' | 'workers' | 'node'

export interface Scenario {
  /** Of the list: ways to end 1, streams 2, background work 3, deadlines 4, concurrency 5, … */
  readonly row: number
  /** The number of the pitfall it guards, in `reference/peers-and-pitfalls.md` §5. */
  readonly pitfall: number
  /** Unique, and short: it is a line of the table. */
  readonly name: string
  /** A string says why the platform has no such thing, with a link to the page that says so. */
  readonly on: Readonly<Record<ColumnId, Cell | Lacks>>
  /**
   * The process is gone in an instant, as by SIGKILL: what is lost is measured and printed. Why nothing can be done.
   * Without it, nothing may be lost.
   */
  readonly killed?: string
  /** An ambiguous outcome may send spans again; why. Without it, nothing may be duplicated. */
  readonly repeats?: string
}

export type Lacks = `${string}https://${string}`

export interface Cell {
  /**
   * Text of a module in TypeScript. In scope: `root()`, which notes the invocation's span and is called first; `span(name,
   * work)`; `open(name)`; `sleep(ms)`. On Lambda it exports `handler`; on Workers a default; on Node it makes a
   * server and calls `listen(server)`.
   */
  readonly source: string
  /** In this order, one after the other, or all `atOnce`. @default three with nothing */
  readonly calls?: readonly Call[]
  readonly atOnce?: boolean
  readonly otel?: Options
  /** Of the bundle, on Lambda. @default both */
  readonly formats?: readonly ('esm' | 'cjs')[]
  readonly receiver?: ReceiverChanges
  readonly env?: Readonly<Record<string, string>>
  /** Of Lambda. @default 3000 */
  readonly timeoutMs?: number
  /** On Lambda: no extension, so that a flush is waited for before the response. */
  readonly registration?: 'refuse'
  readonly nodeArgs?: readonly string[]
  /** Between the calls: for a collector that changes, or a freeze that takes long. @param n of the call before, from 0 */
  between?(n: number, receiver: Receiver): Promise<void>
  /** More than that all has arrived once. */
  check?(seen: Seen): void | Promise<void>
}

export interface Call {
  /** What Lambda's handler gets. */
  readonly event?: unknown
  /** What is asked of the others. @default '/' */
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** The caller hangs up after that many bytes of the body. */
  readonly cancelAfterBytes?: number
}

/** What the caller sees, without what differs between any two answers: request ids, dates, stack traces. */
export interface Visible {
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** latin1: bytes that are no UTF-8 count, too. */
  readonly body: string
  readonly error?: { readonly type?: string; readonly message: string } | undefined
}

export interface Answer {
  readonly visible: Visible
  /** Until its last byte. */
  readonly responseMs: number
  /** After it, until the environment is free again; undefined where that is not billed, or nobody knows. */
  readonly afterMs?: number | undefined
}

export interface Seen {
  readonly answers: readonly Answer[]
  readonly comparison: LedgerComparison
  /** As they arrived, duplicates included. */
  readonly spans: readonly ReceivedSpan[]
  readonly receiver: Receiver
  /** All that the function has printed. */
  readonly output: string
}

/** A platform that runs scenarios: `columns/`. */
export interface Column {
  readonly id: ColumnId
  /** Returns a folder, which can be deployed more than once. */
  build(build: Build): Promise<string>
  deploy(folder: string, given: Given): Promise<Deployed>
}

export interface Build {
  readonly source: string
  readonly format: 'esm' | 'cjs'
  /** `false`: the same, built without the plugin. */
  readonly otel: Options | false
  /** What runs before all that is built (Workers; others have Node's `--import`). */
  readonly prelude?: string
  /** Takes what removes the folder. @default onTestFinished */
  readonly cleanUp?: (remove: () => void) => void
}

export interface Given {
  readonly cell: Omit<Cell, 'source'>
  readonly receiver: Receiver
}

export interface Deployed {
  /** Resolves when the caller has its answer and the environment is free again. */
  call(call: Call): Promise<Answer>
  /** SIGKILL, as early as the platform may; on a server, the SIGTERM that comes before it. */
  evict(): Promise<void>
  /** Complete once `evict` has resolved. */
  output(): string
}
