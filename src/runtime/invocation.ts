/**
 * One invocation: the spans it started, the spans it ended, the work it waits for. It is a value in
 * the OpenTelemetry context and is remembered per span; it is never looked up by trace id, which a
 * fan-out shares between invocations.
 */
import { SpanStatusCode, trace, type Attributes, type Context, type Span } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Invocation, KeepAlive, Outcome } from '../contract.ts'
import { drop } from './dropped.ts'
import type { InFlight } from './exporter.ts'
import { applyOutcome } from './outcome.ts'
import { quietly } from './quietly.ts'
import { settle } from './settle.ts'
import { slot } from './slot.ts'

/** One key for every copy of the runtime in the process; `createContextKey` makes one a copy. */
export const INVOCATION_KEY = Symbol.for('unplugin-otel.v1.invocation')

/** Spans that end after their invocation was flushed are kept for the next one, up to this many. */
const MAX_ORPHANS = 512

export interface ActiveInvocation extends Invocation {
  /** The handler's first argument: another handler entered with the same object joins. */
  event: unknown
  /** True when a framework made the root, and ends it. */
  adopted?: boolean
  keepAlive: KeepAlive
  /** Open children, the root excluded. */
  readonly open: Set<Span>
  /** Ended and not exported yet. */
  ended: ReadableSpan[]
  /** Children that have ended, those that were left out included. */
  count: number
  /** Those that were left out, by `limits.spansPerInvocation`. */
  dropped?: number
  /** No error can take another span's place any more: over the limit none comes that is not an error. */
  onlyErrors?: boolean
  /** Set while something that has ended waits to be exported. */
  interim?: ReturnType<typeof setTimeout> | undefined
  /** Requests that its flush waits for: its own, or those of the whole process. */
  readonly inFlight: InFlight
  /** True once the last batch was taken; what ends later is an orphan. */
  flushed?: boolean
  /** Epoch milliseconds at which the platform kills it, where the host knows. */
  deadline?: number
  /** How long its flush, which begins now, may take, where that is not the budget alone. */
  remaining?: () => number
  /** Who it is for, on each of its spans. */
  user?: Attributes
  /** What nobody caught while it was active. */
  uncaught?: { readonly error: unknown }
  /** Called when a span ends after the flush, where the environment can be kept awake once more. */
  late?: (() => void) | undefined
  /** True when the caller waits for the flush, and what is held for the caller: then holds are not waited for. */
  abandoned?: boolean
  /** Settles when every hold taken so far has settled; undefined: there is none. */
  held(): Promise<void> | undefined
  /** The same, for background work. */
  idle(): Promise<void> | undefined
}

export function createInvocation(
  root: Span,
  event: unknown,
  inFlight: InFlight,
  finish: () => Promise<void>,
): ActiveInvocation {
  const holds: PromiseLike<unknown>[] = []
  const works: PromiseLike<unknown>[] = []
  const invocation: ActiveInvocation = {
    root,
    event,
    keepAlive: 'interval',
    open: new Set(),
    ended: [],
    count: 0,
    began: Date.now(),
    inFlight,
    hold: (work) => void holds.push(work),
    held: () => settled(holds),
    background: (work) => void works.push(work),
    idle: () => settled(works),
    outcome(outcome: Outcome) {
      quietly(() => applyOutcome(root, outcome))
    },
    finish,
  }
  return invocation

  /** Work may add more work while it runs, so look again until none is left. */
  async function drain(list: PromiseLike<unknown>[]): Promise<void> {
    while (list.length > 0 && !invocation.abandoned) {
      const taken = list.length
      for (const each of list.map(settle)) await each
      list.splice(0, taken)
    }
  }

  function settled(list: PromiseLike<unknown>[]): Promise<void> | undefined {
    return list.length > 0 ? drain(list) : undefined
  }
}

/** What the platform cut off never completes: it is forgotten after the longest that a function may run. */
const MAX_AGE_MS = 900_000
const MAX_ACTIVE = 1000

export function activate(invocation: ActiveInvocation): void {
  for (const oldest of slot.active) {
    if (slot.active.size < MAX_ACTIVE && oldest.began > invocation.began - MAX_AGE_MS) break
    slot.active.delete(oldest)
  }
  slot.active.add(invocation)
}

/** A property and no WeakMap: its entries, one a span, cost the garbage collector more than the spans themselves. */
const OWNER = Symbol.for('unplugin-otel.v1.owner')
type Owned = { [OWNER]?: ActiveInvocation }

export function ownerOf(span: object | undefined): ActiveInvocation | undefined {
  return (span as Owned | undefined)?.[OWNER]
}

/** The invocation that is active in `context`, if it is still being collected. */
export function invocationIn(context: Context): ActiveInvocation | undefined {
  const invocation = context.getValue(INVOCATION_KEY) as ActiveInvocation | undefined
  return invocation && !invocation.flushed ? invocation : undefined
}

/** The one that is active by context, or by the active span: a framework's context has no invocation of ours. */
export function outerInvocation(context: Context): ActiveInvocation | undefined {
  const owner = invocationIn(context) ?? ownerOf(trace.getSpan(context))
  return owner?.flushed ? undefined : owner
}

/** Called for every span that starts: by context, else by parent span, else the only active one. */
export function adopt(span: Span, context: Context, parent: Span | undefined, limit: number): void {
  const owner = invocationIn(context) ?? ownerOf(parent) ?? onlyActive()
  if (!owner) return
  ;(span as Owned)[OWNER] = owner
  // The root is started before its invocation exists, so whatever arrives here is a child.
  if (!owner.flushed && owner.open.size < limit) owner.open.add(span)
}

export function adoptRoot(invocation: ActiveInvocation): void {
  // When it started, another invocation may have been the only active one, and taken it for a lost child.
  const root = invocation.root as Owned & Span
  root[OWNER]?.open.delete(root)
  root[OWNER] = invocation
}

/** Called for every recorded span that ends. Returns the invocation that will export it. */
export function collect(span: ReadableSpan & object, limit: number): ActiveInvocation | undefined {
  const owner = ownerOf(span)
  owner?.open.delete(span as unknown as Span)
  if (owner && !owner.flushed) return admit(owner, span, limit, owner.ended) ? owner : undefined
  slot.orphans.push(span)
  if (slot.orphans.length > MAX_ORPHANS) {
    slot.orphans.shift()
    drop([{ spans: 1 }], 'orphan')
  }
  ;(owner?.late ?? slot.exportSoon)?.()
  return undefined
}

/**
 * Puts `span` into the list of what is to be sent, unless the invocation has had as many as it may: then an error takes
 * the place of one that is none. False: nothing was added. The root is always: it tells how many were left out.
 */
export function admit(owner: ActiveInvocation, span: ReadableSpan, limit: number, unsent: ReadableSpan[]): boolean {
  const root = owner.root as unknown as ReadableSpan
  if (span === root || ++owner.count <= limit) return unsent.push(span) > 0
  owner.dropped = owner.count - limit
  // Not by its method: it may have ended, and wait for work in the background.
  if (root.attributes) root.attributes['unplugin_otel.dropped_spans'] = owner.dropped
  if (isError(span) && !owner.onlyErrors) {
    const at = unsent.findIndex((other) => ownerOf(other) === owner && other !== root && !isError(other))
    if (at < 0) owner.onlyErrors = true
    else unsent[at] = span
  }
  return false
}

/** What `invocations` have ended and nobody has sent yet, behind what belongs to none. */
export function takeEnded(invocations: Iterable<ActiveInvocation>): ReadableSpan[] {
  return [...slot.orphans.splice(0), ...Array.from(invocations, ({ ended }) => ended.splice(0)).flat()]
}

export function isError({ status }: ReadableSpan): boolean {
  return status.code === SpanStatusCode.ERROR
}

function onlyActive(): ActiveInvocation | undefined {
  if (slot.active.size !== 1) return undefined
  const [only] = slot.active
  return only
}
