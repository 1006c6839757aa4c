/** The `waitUntil` of a host, observed: what it is given goes on after the answer, and may end spans. */
import { context } from '@opentelemetry/api'
import type { Invocation } from '../contract.ts'
import { invocationIn } from './invocation.ts'
import { quietly } from './quietly.ts'
import { slot } from './slot.ts'
import { isThenable } from './thenable.ts'

type WaitUntil = (work: Promise<unknown>) => void
export interface WaitUntilContext {
  waitUntil?: WaitUntil
}

interface Observed {
  readonly original: WaitUntil
  /** Ours. */
  readonly waitUntil: WaitUntil
  readonly before: PropertyDescriptor | undefined
  /** A Durable Object has one context for all of its requests, Next.js one for both of its passes. */
  readonly invocations: Set<Invocation>
}
const observed = new WeakMap<WaitUntilContext, Observed>()

/** Never the observed one: a flush that waits for itself would never end. */
export function originalWaitUntil(ctx: WaitUntilContext | undefined): WaitUntil | undefined {
  if (typeof ctx?.waitUntil !== 'function') return undefined
  return observed.get(ctx)?.original ?? ctx.waitUntil.bind(ctx)
}

/**
 * An own property on the real context, so that the user gets the very same object; as it was when all is done.
 * @returns false where the context is frozen: then what goes on after the answer is not waited for
 */
export function observeWaitUntil(ctx: WaitUntilContext, invocation: Invocation, done: Promise<void>): boolean {
  const entry = observed.get(ctx) ?? observe(ctx)
  if (!entry) return false
  const { before, invocations, waitUntil } = entry
  invocations.add(invocation)
  void done.then(() => {
    invocations.delete(invocation)
    if (invocations.size > 0) return
    observed.delete(ctx)
    // Somebody else may have put theirs over ours.
    if (ctx.waitUntil !== waitUntil) return
    // That of Pages was an own one already.
    if (before) Object.defineProperty(ctx, 'waitUntil', before)
    else delete ctx.waitUntil
  })
  return true
}

function observe(ctx: WaitUntilContext): Observed | undefined {
  const invocations = new Set<Invocation>()
  const native = ctx.waitUntil!
  const before = Object.getOwnPropertyDescriptor(ctx, 'waitUntil')
  function waitUntil(this: WaitUntilContext, ...args: [Promise<unknown>]): void {
    const [work] = args
    if (isThenable(work)) {
      // A lazy thenable (a query builder) runs each time that it is waited for.
      args[0] = Promise.resolve(work)
      quietly(() => ownerIn(invocations)?.background(args[0]))
    }
    return native.apply(this, args)
  }
  const property = { ...before, configurable: true, writable: true, value: waitUntil }
  if (!Reflect.defineProperty(ctx, 'waitUntil', property)) return undefined
  // Another copy of this runtime may have observed it first: its flush must not be waited for by ours.
  const original = (slot.wrappers.get(native) as WaitUntil | undefined) ?? native
  slot.wrappers.set(waitUntil, original)
  const entry = { original: original.bind(ctx), waitUntil, before, invocations }
  observed.set(ctx, entry)
  return entry
}

/** By context; without one (no AsyncLocalStorage) any may wait: its flush takes along what belongs to nobody. */
function ownerIn(invocations: ReadonlySet<Invocation>): Invocation | undefined {
  const active = invocationIn(context.active())
  if (active && invocations.has(active)) return active
  return [...invocations].at(-1)
}
