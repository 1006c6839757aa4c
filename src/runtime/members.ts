/**
 * Handlers that are members: of an object (`export default { fetch }`), or of a class whose instances the
 * platform makes. Objects, classes and instances are seen through a Proxy whose receiver is the original:
 * private members, getters and calls among themselves are the user's own, and nothing is assigned.
 */
import type { HandlerMeta } from '../contract.ts'
import { invoke, type AnyKind, type Handler } from './instrument.ts'
import type { Setup } from './provider.ts'
import { slot } from './slot.ts'

/** Member → kind; `*` is every other method of a class: the platform may call them remotely. */
export type Kinds = Readonly<Record<string, AnyKind>>

type Class = new (...args: unknown[]) => object

/** @param value an object, a class, or anything else, which is returned as it is */
export function instrumentMembers<T>(objects: Kinds, classes: Kinds, value: T, meta: HandlerMeta, setup: Setup): T {
  if ((typeof value !== 'object' && !isClass(value)) || value === null) return value
  const original = slot.wrappers.get(value) ?? value
  if (!isClass(original) && Object.keys(objects).length === 0) return value
  const wrapper = isClass(original)
    ? wrapClass(original, classes, meta, setup)
    : wrapMembers(original, objects, meta, setup)
  slot.wrappers.set(wrapper, original)
  return wrapper as T
}

function wrapClass(original: Class, kinds: Kinds, meta: HandlerMeta, setup: Setup): Class {
  const wrapper: Class = new Proxy(original, {
    construct(target, args: unknown[], newTarget) {
      // `new.target` stays the user's class. A subclass of the wrapper is wrapped itself, or nobody's handler.
      if (newTarget !== wrapper) return Reflect.construct(target, args, newTarget)
      return wrapMembers(Reflect.construct(target, args) as object, kinds, meta, setup, args)
    },
  })
  return wrapper
}

function wrapMembers(
  owner: object,
  kinds: Kinds,
  meta: HandlerMeta,
  setup: Setup,
  constructed?: readonly unknown[],
): object {
  const wrappers = new WeakMap<Handler, Handler>()
  const scope = constructed && { constructed }
  const wrapper = new Proxy(owner, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== 'function' || typeof key !== 'string' || key in Object.prototype) return value
      const own = Object.getOwnPropertyDescriptor(target, key)
      // Own functions are not called remotely. https://developers.cloudflare.com/workers/runtime-apis/rpc/visibility/
      const kind = kinds[key] ?? (own ? undefined : kinds['*'])
      // What is fixed has to be answered as it is: an invariant of Proxies.
      if (!kind || own?.configurable === false) return value
      const method = value as Handler
      let wrapped = wrappers.get(method)
      if (!wrapped) {
        const of = { ...meta, name: `${meta.name}.${key}` }
        wrapped = new Proxy(method, {
          apply: (method, self, args) =>
            invoke(
              kind,
              method,
              { self: self === wrapper ? target : self, args, arity: method.length, meta: of, ...scope },
              setup,
            ),
        })
        wrappers.set(method, wrapped)
      }
      return wrapped
    },
  })
  return wrapper
}

function isClass(value: unknown): value is Class {
  return typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false
}
