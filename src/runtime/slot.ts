/**
 * All process-wide state, in one versioned slot on `globalThis`: a bundle, a framework and the user's
 * own imports can load several copies of this runtime into one process, and they must share one
 * provider, one buffer of stragglers and one breaker. Bounded data only; "the current invocation" is
 * never here, it travels in the OpenTelemetry context.
 */
import type { Context, Span } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { ActiveInvocation } from './invocation.ts'
import type { FirstFunctions } from './pages.ts'
import type { Tracing } from './provider.ts'
import type { Reason } from './dropped.ts'
import type { Batch } from './retention.ts'
import type { Request } from './transport-node.ts'
import type { Extension } from './lambda-extension.ts'

export interface Slot {
  /** Wrapper → original: a wrapper under another name wraps the original again. */
  readonly wrappers: WeakMap<object, object>
  /** Invocations that have begun and are not flushed yet, to join them and to adopt lost spans. */
  readonly active: Set<ActiveInvocation>
  /** Ended spans that belong to no invocation; the next flush takes them along. */
  readonly orphans: ReadableSpan[]
  /** By their age; they go out with a later flush. */
  readonly retained: Batch[]
  /** Spans that no root has told of yet. */
  readonly dropped: Map<Reason, number>
  /** Times in epoch milliseconds; `trips`: failures in a row. */
  readonly breaker: { openUntil: number; pausedUntil: number; trips: number }
  /** Causes that were already said: one line per cause and process. */
  readonly warned: Set<string>
  /** A server that is never frozen: has the orphans exported soon, in batches. */
  exportSoon?: (() => void) | undefined
  /** There: spans that have not ended, whichever invocation they are of. */
  open?: Set<Span> | undefined
  /** Called for every span of ours that starts, with the context it starts in: what only a manual call needs. */
  onStart?: (span: Span, parentContext: Context) => void
  /** Errors that `sendException` has recorded, and on which span. */
  sent?: WeakMap<object, Span>
  /** True once the first invocation of the process has begun. */
  warm?: boolean
  /** Made by the first copy that starts an invocation. */
  tracing?: Tracing | undefined
  /** Node: what is told of requests to others. */
  outgoing?: Set<string>
  /** Node: requests that have no answer yet. */
  unanswered?: Set<Request>
  /** Node: somebody sends them when the process ends. */
  isFlushedAtExit?: boolean
  /** Node: the process ends, and nothing asynchronous runs any more. */
  isExiting?: boolean
  /** Lambda, during init only: settles when the extension is registered or was refused. */
  registration?: Promise<void> | undefined
  /** Lambda: the registered extension. */
  extension?: Extension | undefined
  /** Cloudflare Pages, where each function may have a copy of its own: what is called first, by the request's `next`. */
  pages?: FirstFunctions
}

const KEY = Symbol.for('unplugin-otel.v1')

export const slot: Slot = ((globalThis as { [KEY]?: Slot })[KEY] ??= {
  wrappers: new WeakMap(),
  active: new Set(),
  orphans: [],
  retained: [],
  dropped: new Map(),
  breaker: { openUntil: 0, pausedUntil: 0, trips: 0 },
  warned: new Set(),
})
