/**
 * Functions of Cloudflare Pages. Middleware and handler of one request each get a context of their own, with a `Request`
 * of its own: only `next` is the same in all of them.
 * https://developers.cloudflare.com/pages/functions/api-reference/
 */
import type { Span } from '@opentelemetry/api'
import type { HandlerMeta, Kind } from '../contract.ts'
import type { AnyKind, Handler } from './instrument.ts'
import type { Setup } from './provider.ts'
import { slot } from './slot.ts'
import type { ExecutionContext } from './workerd-context.ts'
import { instrumentEvent } from './workerd-event.ts'
import { onFetch } from './workerd-handlers.ts'

interface EventContext extends ExecutionContext {
  readonly request: Request
  readonly env: object
  readonly next: object
}

/** `next` → the function of the request that was called first. */
export type FirstFunctions = WeakMap<object, { readonly context: EventContext; readonly root: Span }>

export const onRequest: Kind<unknown, readonly [EventContext], Response> = {
  start(call) {
    const [context] = call.args
    const start = context?.request && onFetch.start({ ...call, args: [context.request] })
    if (!start) return undefined
    const route = routeOf(call.meta.file)
    const name = route === undefined ? start.name : `${start.name} ${route}`
    const joined = slot.pages?.get(context.next)
    if (joined) {
      // What the handler leaves behind is waited for as what its middleware does.
      context.waitUntil = joined.context.waitUntil
      if (route !== undefined) joined.root.updateName(name).setAttribute('http.route', route)
    }
    return { ...start, name, attributes: { ...start.attributes, 'http.route': route }, event: context.next }
  },
  enter({ args }, { root }) {
    const [context] = args
    ;(slot.pages ??= new WeakMap()).set(context.next, { context, root })
    return args
  },
  leave(end, call, invocation) {
    const [{ next, request }] = call.args
    slot.pages?.delete(next)
    return onFetch.leave?.(end, { ...call, args: [request] }, invocation)
  },
}

/** `functions/users/[id].ts` → `/users/:id`; a middleware has no route of its own. */
function routeOf(file: string): string | undefined {
  const path = /(?:^|\/)functions\/(.*)\.\w+$/.exec(`/${file}`)?.[1]
  if (path === undefined || /(^|\/)_middleware$/.test(path)) return undefined
  const segments = path.replace(/(^|\/)index$/, '').split('/')
  return `/${segments.map((segment) => segment.replace(/^\[\[(.+)\]\]$/, ':$1*').replace(/^\[(.+)\]$/, ':$1')).join('/')}`
}

/** An exported function, or a list of them that are called one after the other. */
export function instrumentPages<H>(kind: AnyKind, handler: H, meta: HandlerMeta, setup: Setup): H {
  if (Array.isArray(handler)) {
    const original = (slot.wrappers.get(handler) ?? handler) as unknown[]
    const list = wrapList(original, (each) => instrumentPages(kind, each, meta, setup))
    slot.wrappers.set(list, original)
    return list as H
  }
  if (typeof handler !== 'function') return handler
  const scope = (context: EventContext | undefined) => [context, context?.env] as [EventContext, object]
  return instrumentEvent(kind, handler as unknown as Handler, meta, setup, scope) as H
}

/** The module may still add to it; what is fixed is copied, because a Proxy must answer it as it is. */
function wrapList(list: unknown[], wrap: (handler: unknown) => unknown): unknown[] {
  if (Object.isFrozen(list)) return list.map(wrap)
  const wrappers = new WeakMap<object, unknown>()
  return new Proxy(list, {
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver)
      if (typeof value !== 'function' || !Object.hasOwn(target, key)) return value
      if (!wrappers.has(value)) wrappers.set(value, wrap(value))
      return wrappers.get(value)
    },
  })
}
