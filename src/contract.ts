/**
 * The contract between the build-time half (`plugin/`) and the half that is bundled into the user's
 * function (`runtime/`). Types only: this is the one file that both worlds may import.
 */
import type { Attributes, Span, SpanKind } from '@opentelemetry/api'

/** Which runtime entry a module gets. */
export type Target = 'edge' | 'node'

/** Where a handler stands in the user's source; written into the bundle by the transform. */
export interface HandlerMeta {
  /** Path relative to the project root, with forward slashes. */
  readonly file: string
  /** The exported name, `default` included. */
  readonly name: string
  /** 1-based line of the export. */
  readonly line: number
}

/** One call of a wrapped handler. */
export interface Call<This = unknown, Args extends readonly unknown[] = readonly unknown[]> {
  readonly self: This
  readonly args: Args
  /** The handler's own `length`. */
  readonly arity: number
  readonly meta: HandlerMeta
  /** Where the host has what it knows of the event, if not in `args`: what an instance was constructed with. */
  readonly scope?: readonly unknown[] | undefined
}

/** A flat bag of propagation fields with lower-case names: HTTP headers, message attributes. */
export type Carrier = Record<string, unknown>

/** What a kind knows about an invocation before the handler runs. */
export interface Start {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: Attributes
  /** Where a remote parent may stand, best first; the first valid one wins. */
  readonly carriers?: readonly (Carrier | undefined)[]
  /** The carriers of the messages of a batch: one shared context is the parent, several are links. */
  readonly batch?: readonly Carrier[] | undefined
  /** The carriers of what is related but must not be the parent. */
  readonly links?: readonly (Carrier | undefined)[]
  /** Another handler that is entered with the same object joins. Default: the first argument. */
  readonly event?: unknown
}

/** How an invocation ended, as far as the kind can tell. */
export interface Outcome {
  readonly attributes?: Attributes
  /** Set when the outcome is an error although nothing was thrown (a 5xx answer). Value of `error.type`. */
  readonly errorType?: string
  readonly message?: string
}

/** One invocation as a kind sees it. Complete when the handler settled *and* every hold settled. */
export interface Invocation {
  readonly root: Span
  /** True when a framework made the root: it ends it, and records there what is thrown. */
  readonly adopted?: boolean
  readonly keepAlive: KeepAlive
  /** Epoch milliseconds. */
  readonly began: number
  /** Children that have not ended. */
  readonly open: ReadonlySet<Span>
  /** Keeps the root open, and the flush waiting, until `work` settles. A rejection is ignored. */
  hold(work: PromiseLike<unknown>): void
  /** Keeps the flush waiting, but not the root: work that goes on after the response. */
  background(work: PromiseLike<unknown>): void
  outcome(outcome: Outcome): void
  /** Ends and flushes inside the budget. Never rejects. A kind may put it off, until a body that it observes has ended. */
  finish(): Promise<void>
}

/** What calls us: one exported binding of `runtime/platforms/<platform>.ts`. */
export interface Kind<This = unknown, Args extends readonly unknown[] = readonly unknown[], R = unknown> {
  /**
   * `undefined`: run the handler untouched.
   * @param outer the invocation that it is called in, if any
   */
  start(call: Call<This, Args>, outer?: Invocation): Start | undefined
  /** The arguments that the handler gets; replace or observe callbacks, streams, responses here. */
  enter?(call: Call<This, Args>, invocation: Invocation): Args
  leave?(
    end: { readonly value: Awaited<R>; readonly awaited: boolean } | { readonly error: unknown },
    call: Call<This, Args>,
    invocation: Invocation,
  ): { readonly outcome?: Outcome; readonly value?: R } | void
  /** Runs a handler that is not traced. Default: `Reflect.apply`. */
  skip?(handler: (...args: never[]) => unknown, self: unknown, args: readonly unknown[]): unknown
}

export type Env = Readonly<Record<string, string | undefined>>

/**
 * When the flush happens, seen from the caller:
 * `after` the response, and the host keeps the environment awake until `done` settles;
 * `before` the handler settles; `interval`: nothing freezes us, nobody waits.
 */
export type KeepAlive = 'after' | 'before' | 'interval'

/** What a host gets to know before it decides when to flush. */
export interface Exporting {
  /** Undefined where the user's own provider exports. On loopback: a collector beside us. */
  readonly endpoint: URL | undefined
  readonly mode: FlushOptions['mode']
}

/** Who freezes us: `runtime/hosts/<host>.ts`. */
export interface Host {
  readonly id: string
  /** The variables the configuration is read from, at run time. */
  env(call?: Call): Env
  /** True on a deployed platform, where no local collector is assumed. */
  deployed(env: Env, call?: Call): boolean
  resource(env: Env): Attributes
  /** False where the process was not started for the first call (provisioned concurrency, snapshots). */
  coldStart?(): boolean
  /** Epoch milliseconds at which the platform kills the invocation. */
  deadline?(call: Call): number | undefined
  /**
   * False where the host ignores what a synchronous handler returns, but would send what a promise
   * resolves with: then such a handler is never made to return one.
   */
  awaits?(call: Call): boolean
  /** `done` settles when the invocation is exported or its budget is spent; it never rejects. */
  keepAlive(call: Call, done: Promise<void>, exporting: Exporting, invocation: Invocation): KeepAlive
  /** Waits for spans that nobody waits for, where that costs nobody anything. */
  linger?(invocation: Invocation, call: Call): Promise<void>
  /** True where only the last invocation that runs is held: it waits for what the others have under way, too. */
  readonly holdsLast?: boolean
  /** Whether it is the platform that constructs a class with these arguments. Default: it is. */
  constructs?(args: readonly unknown[]): boolean
  /** Where the environment can be kept awake again, also after the handler settled: for what ends late. */
  extend?(call: Call, work: Promise<void>): void
}

/** The names of the kinds that a platform's runtime half exports. */
export type KindsOf<Module> = {
  [Name in keyof Module]: Module[Name] extends { start(call: never): Start | undefined } ? Name : never
}[keyof Module] &
  string

/** What travels into the bundle, as JSON: only what differs from the defaults, resolved at build time. */
export interface RuntimeOptions {
  /** Resource attributes, over those of the variables and of the host. */
  readonly resource?: Attributes
  /** `service.version`, where nothing else says it. */
  readonly version?: string
  readonly batch?: Partial<Batch>
  readonly flush?: Partial<FlushOptions>
  readonly limits?: Partial<Limits>
}

export interface Limits {
  /** Spans of one invocation that are exported, the root not counted. */
  readonly spansPerInvocation: number
  /** Characters of an attribute's value; undefined: 65,536. */
  readonly attributeLength?: number
}

export interface Batch {
  /** Spans a request. */
  readonly maxExportBatchSize: number
  /** Spans that are kept while the collector is not reached. */
  readonly maxQueueSize: number
  /** Export as soon as this many spans have ended; undefined waits for the end of the invocation. */
  readonly exportAt?: number
  /** Milliseconds between exports while an invocation is still running. */
  readonly interimMs: number
}

export interface FlushOptions {
  /** Milliseconds that an invocation may wait for its export. */
  readonly budgetMs: number
  /** Milliseconds before the deadline at which what is open ends as a timeout, and a flush gives up. */
  readonly marginMs: number
  readonly mode: 'auto' | 'await' | 'interval'
}
