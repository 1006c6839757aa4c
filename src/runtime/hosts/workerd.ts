/**
 * Cloudflare's workerd ends a request's context when the response is sent, unless `waitUntil` holds it.
 * Everything made inside a request (promises, timers, streams) is bound to it.
 * https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil
 */
import { context, type Attributes } from '@opentelemetry/api'
import type { Call, Env, Exporting, Host, Invocation, KeepAlive } from '../../contract.ts'
import { invocationIn } from '../invocation.ts'
import { quietly } from '../quietly.ts'
import { isThenable } from '../thenable.ts'
import { scopeOf, type ExecutionContext } from '../workerd-context.ts'

declare const process: { readonly env?: Env } | undefined

export const host: Host = {
  id: 'workerd',
  env,
  // No variable tells a deployed Worker from one on a developer's machine; the request's host does.
  deployed(_env, call) {
    const event = call?.args[0] as { readonly url: string; readonly request?: Request }
    return !/^https?:\/\/(localhost|127(\.\d+){3}|\[::1])[:/]/.test((event?.request ?? event)?.url)
  },
  resource: (): Attributes => ({ 'cloud.provider': 'cloudflare', 'cloud.platform': 'cloudflare.workers' }),
  keepAlive,
  linger,
  constructs: ([ctx]) => typeof (ctx as Partial<ExecutionContext> | undefined)?.waitUntil === 'function',
  extend: (call, work) => originalWaitUntil(scopeOf(call).ctx)?.(work),
}

/** Bindings over `process.env`, which newer compatibility dates fill. A binding may be any JSON. */
function env(call?: Call): Env {
  const found: Record<string, string> = {}
  const all = { ...(typeof process === 'object' ? process.env : {}), ...(call && scopeOf(call).bindings) }
  for (const [name, value] of Object.entries(all)) if (name.startsWith('OTEL_')) found[name] = String(value)
  return found
}

function keepAlive(call: Call, done: Promise<void>, { mode }: Exporting, invocation: Invocation): KeepAlive {
  if (mode === 'await') return 'before'
  const { ctx } = scopeOf(call)
  const waitUntil = originalWaitUntil(ctx)
  // Called outside workerd, in the user's unit test.
  if (!waitUntil) return 'interval'
  observeWaitUntil(ctx!, invocation, done)
  waitUntil(done)
  return 'after'
}

/**
 * What nobody awaits, or gave to the `waitUntil` that is imported, has a second: time without CPU is not billed.
 * https://developers.cloudflare.com/workers/platform/pricing/#workers
 */
async function linger({ open }: Invocation): Promise<void> {
  for (let ms = 1; open.size > 0 && ms < 1000; ms *= 2) await new Promise((resolve) => setTimeout(resolve, ms))
}

interface Observed {
  readonly original: ExecutionContext['waitUntil']
  /** Ours. */
  readonly waitUntil: ExecutionContext['waitUntil']
  /** A Durable Object has one context for all of its requests. */
  readonly invocations: Set<Invocation>
}
const observed = new WeakMap<ExecutionContext, Observed>()

/** Never the observed one: a flush that waits for itself would never end. */
function originalWaitUntil(ctx: ExecutionContext | undefined): ExecutionContext['waitUntil'] | undefined {
  if (typeof ctx?.waitUntil !== 'function') return undefined
  return observed.get(ctx)?.original ?? ctx.waitUntil.bind(ctx)
}

/** An own property on the real `ctx`, so that the user gets the very same object; gone when the invocation is. */
function observeWaitUntil(ctx: ExecutionContext, invocation: Invocation, done: Promise<void>): void {
  const { original, waitUntil, invocations } = observed.get(ctx) ?? observe(ctx)
  invocations.add(invocation)
  void done.then(() => {
    invocations.delete(invocation)
    if (invocations.size > 0) return
    observed.delete(ctx)
    // Somebody else may have put theirs over ours.
    if (ctx.waitUntil !== waitUntil) return
    delete (ctx as Partial<ExecutionContext>).waitUntil
    // That of Pages was an own one already.
    ctx.waitUntil ??= original
  })
}

function observe(ctx: ExecutionContext): Observed {
  const invocations = new Set<Invocation>()
  const native = ctx.waitUntil
  function waitUntil(this: ExecutionContext, ...args: [Promise<unknown>]): void {
    const [work] = args
    if (isThenable(work)) {
      // A lazy thenable (a query builder) runs each time that it is waited for.
      args[0] = Promise.resolve(work)
      quietly(() => ownerIn(invocations)?.background(args[0]))
    }
    return native.apply(this, args)
  }
  Object.defineProperty(ctx, 'waitUntil', { configurable: true, writable: true, value: waitUntil })
  const entry = { original: native.bind(ctx), waitUntil, invocations }
  observed.set(ctx, entry)
  return entry
}

/** By context; without one (no AsyncLocalStorage) any may wait: its flush takes along what belongs to nobody. */
function ownerIn(invocations: ReadonlySet<Invocation>): Invocation | undefined {
  const active = invocationIn(context.active())
  if (active && invocations.has(active)) return active
  return [...invocations].at(-1)
}
