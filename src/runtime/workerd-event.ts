/** Handlers on Cloudflare that get one object, with the event and all that belongs to it. */
import type { HandlerMeta } from '../contract.ts'
import { invoke, type AnyKind, type Handler } from './instrument.ts'
import type { Setup } from './provider.ts'
import { slot } from './slot.ts'
import type { ExecutionContext } from './workerd-context.ts'

/** What keeps the event alive, and where its variables are. */
type Scope = (event: never) => readonly [ctx: ExecutionContext, bindings: object | undefined]

/** As `instrument`, for a handler whose argument has what others get beside it. */
export function instrumentEvent<H extends Handler>(
  kind: AnyKind,
  handler: H,
  meta: HandlerMeta,
  setup: Setup,
  scope: Scope,
): H {
  const original = (slot.wrappers.get(handler) ?? handler) as H
  const wrapper = new Proxy(original, {
    apply: (target, self, args) =>
      invoke(kind, target, { self, args, arity: target.length, meta, scope: scope(args[0] as never) }, setup),
  })
  slot.wrappers.set(wrapper, original)
  return wrapper
}
