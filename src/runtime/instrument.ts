/**
 * The pipeline: invocation → context → span → handler → outcome → hold → flush. Everything that can
 * fail here runs quietly; the handler gets its arguments and the caller its value or error as without us.
 */
import { context, ROOT_CONTEXT, SpanKind, trace, type Attributes, type Context, type Span } from '@opentelemetry/api'
import type { Call, HandlerMeta, KeepAlive, Kind, Start } from '../contract.ts'
import { createInvocation, INVOCATION_KEY, outerInvocation, type ActiveInvocation } from './invocation.ts'
import { once, openInvocation } from './open-invocation.ts'
import { applyError } from './outcome.ts'
import { parentAndLinks } from './propagation.ts'
import { currentTracing, type Setup, type Tracing } from './provider.ts'
import { quietly } from './quietly.ts'
import { CODE_FILE_PATH, CODE_FUNCTION_NAME, CODE_LINE_NUMBER, FAAS_COLDSTART } from './semconv.ts'
import { slot } from './slot.ts'
import { isThenable } from './thenable.ts'

export type Handler = (...args: never[]) => unknown
/** Whatever its handlers take and give. */
export type AnyKind = Kind<never, never, never>
type OpaqueKind = Kind<unknown, readonly unknown[], unknown>
/** Asked for what it has: somebody may have given every object an `error`. */
interface Bare {
  readonly __proto__: null
}
interface Value extends Bare {
  readonly value: unknown
  readonly awaited: boolean
}
type End = Value | (Bare & { readonly error: unknown })

/**
 * Wraps a handler. The wrapper is a Proxy, so `length`, `name`, symbols and every other property stay
 * the handler's own. What is not a function is returned as it is; wrapping a wrapper wraps its original.
 */
export function instrument<H>(kind: AnyKind, handler: H, meta: HandlerMeta, setup: Setup): H {
  if (typeof handler !== 'function') return handler
  const original = (slot.wrappers.get(handler) ?? handler) as Handler
  if (setup.host.framework) quietly(() => currentTracing(setup))
  const wrapper: object = new Proxy(original, {
    apply: (target, self, args) => invoke(kind, target, { self, args, arity: target.length, meta }, setup),
    construct: (target, args, by) => Reflect.construct(target, args, by === wrapper ? target : by),
  })
  slot.wrappers.set(wrapper, original)
  return wrapper as H
}

export interface Run {
  readonly invocation: ActiveInvocation
  finish(): Promise<void>
  readonly context: Context
  readonly args: readonly unknown[]
  readonly keepAlive: KeepAlive
  /** A synchronous value may be replaced by a promise. */
  readonly mayWait: boolean
}

/** Calls the handler as one invocation of `kind`. */
export function invoke(anyKind: AnyKind, handler: Handler, call: Call, setup: Setup): unknown {
  const kind = (quietly(() => setup.around?.(anyKind)) ?? anyKind) as unknown as OpaqueKind
  const run = quietly(() => begin(kind, call, setup))
  if (!run) return (kind.skip ?? Reflect.apply)(handler, call.self, call.args)
  let end = undefined as End | undefined
  const handle = () => {
    try {
      end ??= { __proto__: null, value: Reflect.apply(handler, call.self, run.args), awaited: false }
    } catch (error) {
      end = { __proto__: null, error }
    }
  }
  // The context manager may be the user's own, and fail before, or after.
  quietly(() => context.with(run.context, handle))
  handle()
  // Asked for its `then`, a value may throw: then it is none that is waited for.
  const isPromised = quietly(() => isThenable((end as Partial<Value>).value))
  return (isPromised ? settle : leave)(kind, call, run, end!)
}

/** `await` adopts a lazy thenable (a query builder) once, and treats what it gets as the host would. */
async function settle(kind: OpaqueKind, call: Call, run: Run, end: End): Promise<unknown> {
  try {
    end = { __proto__: null, value: await (end as Value).value, awaited: true }
  } catch (error) {
    end = { __proto__: null, error }
  }
  return leave(kind, call, run, end)
}

/** Undefined: tracing is off, the kind declined, or an invocation of the same event is active. */
function begin(kind: OpaqueKind, call: Call, setup: Setup): Run | undefined {
  const { host } = setup
  const tracing = currentTracing(setup, call)
  if (!tracing) return undefined
  const active = context.active()
  const outer = outerInvocation(active)
  const start = kind.start(call, outer)
  if (!start) return undefined
  const event = Object.hasOwn(start, 'event') ? start.event : call.args[0]
  if (isJoining(event)) return undefined
  if (outer?.adopted && host.framework) return enter(kind, call, host.framework.join(call, start, outer, active))
  if (outer) return beginNested(kind, call, tracing, start, active)

  const cold = !slot.warm
  slot.warm = true
  const { parent, links } = parentAndLinks(start)
  const existing = tracing.foreign && (host.framework ? trace.getSpan(active) : serverSpan(active))
  const root =
    existing ??
    tracing.tracer.startSpan(
      start.name,
      {
        kind: start.kind,
        links,
        // Sentry's provider would go on with the trace of the process.
        root: parent === ROOT_CONTEXT,
        attributes: attributesOf(start, call, cold && host.coldStart?.() !== false),
      },
      parent,
    )
  const invocation = openInvocation(root, event, call, tracing, host, existing === undefined)
  const base = existing ? active : trace.setSpan(parent, root)
  return enter(kind, call, {
    invocation,
    finish: () => invocation.finish(),
    keepAlive: invocation.keepAlive,
    mayWait: quietly(() => host.awaits?.(call)) ?? true,
    context: base.setValue(INVOCATION_KEY, invocation),
  })
}

function enter(kind: OpaqueKind, call: Call, run: Omit<Run, 'args'>): Run {
  return { ...run, args: quietly(() => kind.enter?.(call, run.invocation)) ?? call.args }
}

/** A handler called by a handler, with an event of its own: a child that the outer one exports. */
function beginNested(kind: OpaqueKind, call: Call, tracing: Tracing, start: Start, active: Context): Run {
  const root = tracing.tracer.startSpan(start.name, { kind: start.kind, attributes: attributesOf(start, call) }, active)
  const finish = async () => {
    await invocation.held()
    quietly(() => root.end())
  }
  const invocation = createInvocation(root, call.args[0], new Set(), once(finish))
  return enter(kind, call, {
    invocation,
    finish: () => invocation.finish(),
    keepAlive: 'after',
    mayWait: false,
    context: trace.setSpan(active, root),
  })
}

/** Undefined values are left out by the SDK. */
export function attributesOf({ attributes }: Start, { meta }: Call, cold?: boolean): Attributes {
  return {
    ...attributes,
    [CODE_FILE_PATH]: meta.file,
    [CODE_LINE_NUMBER]: meta.line,
    [CODE_FUNCTION_NAME]: meta.name,
    [FAAS_COLDSTART]: cold,
  }
}

/** Records how the handler ended, then gives the caller its value or error, after the flush if need be. */
function leave(kind: OpaqueKind, call: Call, run: Run, end: End): unknown {
  const { invocation } = run
  const known = quietly(() => {
    const told = kind.leave?.(end as never, call, invocation) ?? undefined
    if (told?.outcome) invocation.outcome(told.outcome)
    else if ('error' in end) applyError(invocation.root, end.error)
    return told
  })
  const given = known && Object.hasOwn(known, 'value') ? known : end
  const give = () => {
    if ('error' in end) throw end.error
    return (given as { value?: unknown }).value
  }
  // A stream that the host only ends, or reads, once it has the error or the value would be waited for in vain.
  invocation.abandoned = run.keepAlive === 'before' && ('error' in end || given !== end)
  // Whoever calls with the same event from now on is not inside this invocation any more.
  const left = 'error' in end || end.awaited
  if (left) invocation.event = undefined
  const finished = run.finish()
  return run.keepAlive === 'before' && (left || run.mayWait) ? finished.then(give) : give()
}

function isJoining(event: unknown): boolean {
  return Object(event) === event && [...slot.active].some((invocation) => invocation.event === event)
}

/** With the user's provider: their own instrumentation may have made the root already. */
function serverSpan(active: Context): Span | undefined {
  const span = trace.getSpan(active) as (Span & { kind?: SpanKind }) | undefined
  return span?.kind === SpanKind.SERVER ? span : undefined
}
