/**
 * Handlers that are members: of an object (`export default { fetch }`), or of a class whose instances the
 * platform makes. All three are seen through a Proxy whose receiver is the original: private members,
 * getters, statics and calls among themselves are the user's own, and nothing is assigned.
 */
import type { HandlerMeta } from '../contract.ts'
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
  const original: unknown = unwrap(value)
  if (isClass(original)) return wrapClass(original, membersOf(classes, meta, setup), setup) as T
  if (typeof original !== 'object' || !original || !Object.keys(objects)[0]) return value
  const members = membersOf(objects, meta, setup)
  let target = original
  const own = Object.getOwnPropertyDescriptors(original) as Record<string, PropertyDescriptor>
  for (const key in objects) {
    // What is fixed has to be answered as it is, an invariant of Proxies: of what is frozen, a copy is the target.
    if (!own[key]?.value || !Object.isFrozen(original)) continue
    own[key].value = members.get(Object.create(original), key, original)
    target = Object.freeze(Object.create(Object.getPrototypeOf(original), own))
  }
  return wrap(original, members, target) as T
}

/** Instance → what the platform constructed it with. */
const constructed = new WeakMap<object, readonly unknown[]>()

/** All is asked of the class itself, also by `new.target`; only what the platform constructs is wrapped. */
function wrapClass(original: Class, members: Members, { host }: Setup): object {
  const wrapper = wrap(original, {
    ...members,
    construct(_, args, newTarget) {
      const instance: object = Reflect.construct(original, args, unwrap(newTarget))
      // A subclass is on its own, and so is what the user constructs.
      if (newTarget !== wrapper || host.constructs?.(args) === false) return instance
      constructed.set(instance, args)
      return wrap(instance, members)
    },
  })
  return wrapper
}

type Members = Required<Pick<ProxyHandler<object>, 'get' | 'set'>>

function wrap(original: object, members: ProxyHandler<object>, target = original): object {
  const wrapper = new Proxy(target, members)
  slot.wrappers.set(wrapper, original)
  return wrapper
}

function unwrap<T>(value: T): T {
  return (slot.wrappers.get(value as object) ?? value) as T
}

/** Every function that is taken from the wrapper is called with the original: that has the private members. */
function membersOf(kinds: Kinds, meta: HandlerMeta, setup: Setup): Members {
  /** By name: one function may be several members. */
  const wrappers: Record<PropertyKey, WeakMap<object, unknown>> = Object.create(null)
  return {
    set: (target, key, value, receiver) => Reflect.set(target, key, value, unwrap(receiver)),
    get(target, key, receiver) {
      const value = Reflect.get(target, key, unwrap(receiver)) as Handler
      const own = Object.getOwnPropertyDescriptor(target, key)
      // `typeof` calls a stub of RPC a function, too.
      // oxlint-disable-next-line unicorn/no-instanceof-builtins
      if (!(value instanceof Function) || isClass(value) || (own?.configurable === false && own.writable === false)) {
        return value
      }
      const known = (wrappers[key] ??= new WeakMap())
      let wrapped = known.get(value)
      if (!wrapped) {
        // Nor are statics handlers, nor is what every object has. An instance's own functions are not called remotely.
        // https://developers.cloudflare.com/workers/runtime-apis/rpc/visibility/
        const kind =
          typeof target === 'object' &&
          !(key in Object.prototype) &&
          (kinds[key as string] ?? (!(own && constructed.has(target)) && kinds['*']))
        wrapped = new Proxy(value, {
          apply(_, by, args) {
            const self: object = unwrap(by)
            if (!kind) return Reflect.apply(value, self, args)
            const of = { ...meta, name: `${meta.name}.${String(key)}` }
            const call = { self, args, arity: value.length, meta: of, scope: constructed.get(self) }
            return invoke(kind, value, call, setup)
          },
        })
        known.set(value, wrapped)
      }
      return wrapped
    },
  }
}

export function isClass(value: unknown): value is Class {
  return typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false
}
