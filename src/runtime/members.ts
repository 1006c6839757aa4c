/**
 * Handlers that are members: of an object (`export default { fetch }`), or of a class whose instances the
 * platform makes. Objects and instances are seen through a Proxy whose receiver is the original: private
 * members, getters and calls among themselves are the user's own, and nothing is assigned.
 */
import type { HandlerMeta, Host } from '../contract.ts'
import { invoke, type AnyKind, type Handler } from './instrument.ts'
import type { Setup } from './provider.ts'
import { slot } from './slot.ts'

/** Member → kind; `*` is every other method of a class: the platform may call them remotely. */
export type Kinds = Readonly<Record<string, AnyKind>>

type Class = new (...args: unknown[]) => object

/**
 * @param objects the kinds of an object's members
 * @param classes the kinds of a class's methods
 * @param value an object, a class, or anything else, which is returned as it is
 */
export function instrumentMembers<T>(objects: Kinds, classes: Kinds, value: T, meta: HandlerMeta, setup: Setup): T {
  if ((typeof value !== 'object' && !isClass(value)) || value === null) return value
  const original = slot.wrappers.get(value) ?? value
  if (isClass(original)) return wrapClass(original, methodsOf(classes, meta, setup), setup.host.constructs) as T
  return Object.keys(objects).length > 0 ? (wrap(original, methodsOf(objects, meta, setup)) as T) : value
}

/** Instance → what the platform constructed it with. */
const constructed = new WeakMap<object, readonly unknown[]>()

/** Its constructor gives the wrapped instance of the user's class, which sees nothing: `new.target` is itself. */
function wrapClass(original: Class, methods: ProxyHandler<object>, isPlatform: Host['constructs']): Class {
  const Wrapper = class extends original {
    constructor(...args: unknown[]) {
      // A subclass is on its own.
      if (new.target !== Wrapper) {
        super(...args)
        return
      }
      const instance: object = Reflect.construct(original, args)
      // And so is what the user constructs.
      if (isPlatform?.(args) === false) return instance
      constructed.set(instance, args)
      return wrap(instance, methods)
    }
  }
  // Methods may also be taken from here and called with the wrapped instance; Cloudflare's dev server does.
  // Above it is the original itself, for `instanceof`.
  const prototype = new Proxy(original.prototype as object, { ...methods, getPrototypeOf: (target) => target })
  Object.setPrototypeOf(Wrapper.prototype, prototype)
  Object.defineProperties(Wrapper, {
    name: { value: original.name },
    length: { value: original.length },
    [Symbol.hasInstance]: { value: (value: unknown) => value instanceof original },
  })
  slot.wrappers.set(Wrapper, original)
  return Wrapper
}

function wrap<T extends object>(original: T, methods: ProxyHandler<object>): T {
  const wrapper = new Proxy(original, methods) as T
  slot.wrappers.set(wrapper, original)
  return wrapper
}

function methodsOf(kinds: Kinds, meta: HandlerMeta, setup: Setup): ProxyHandler<object> {
  const wrappers = new WeakMap<Handler, Handler>()
  const unwrap = (value: object) => slot.wrappers.get(value) ?? value
  return {
    get(target, key, receiver: object) {
      const value: unknown = Reflect.get(target, key, unwrap(receiver))
      // `typeof` calls a stub of RPC a function, too.
      // oxlint-disable-next-line unicorn/no-instanceof-builtins
      if (!(value instanceof Function) || typeof key !== 'string' || key in Object.prototype) return value
      const isOwn = Object.getOwnPropertyDescriptor(target, key)
      // An instance's own functions are not called remotely.
      // https://developers.cloudflare.com/workers/runtime-apis/rpc/visibility/
      const kind = kinds[key] ?? (isOwn && constructed.has(target) ? undefined : kinds['*'])
      // What is fixed has to be answered as it is: an invariant of Proxies.
      if (!kind || isOwn?.configurable === false) return value
      const method = value as unknown as Handler
      let wrapped = wrappers.get(method)
      if (!wrapped) {
        const of = { ...meta, name: `${meta.name}.${key}` }
        wrapped = new Proxy(method, {
          apply(method, self: object, args) {
            const owner = unwrap(self)
            const call = { self: owner, args, arity: method.length, meta: of }
            const by = constructed.get(owner)
            return invoke(kind, method, by ? { ...call, constructed: by } : call, setup)
          },
        })
        wrappers.set(method, wrapped)
      }
      return wrapped
    },
  }
}

function isClass(value: unknown): value is Class {
  return typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false
}
