/**
 * Classes in Vite's dev server. There Cloudflare's plugin takes the methods of a class from the
 * `prototype` of what the module exports, and calls them with the instance that it constructed.
 * A Proxy of a class has to answer with the class's own prototype, so there it is a subclass instead.
 * https://github.com/cloudflare/workers-sdk/tree/main/packages/vite-plugin-cloudflare/src/workers/runner-worker
 */
import { instrumentMembers as instrument, isClass } from './members.ts'
import { slot } from './slot.ts'

export function instrumentMembers<T>(...given: Parameters<typeof instrument<T>>): T {
  const wrapper: unknown = instrument(...given)
  const original = slot.wrappers.get(wrapper as object)
  if (!isClass(wrapper) || !isClass(original)) return wrapper as T
  const Subclass: Function = function (...args: unknown[]): object {
    return Reflect.construct(wrapper, args, new.target === Subclass ? wrapper : new.target)
  }
  Object.setPrototypeOf(Subclass, wrapper)
  const prototype = new Proxy(original.prototype as object, {
    get: (target, key, receiver: object) =>
      slot.wrappers.has(receiver) ? Reflect.get(receiver, key) : Reflect.get(target, key, receiver),
    // Above it is the original itself, for `instanceof`.
    getPrototypeOf: (target) => target,
  })
  const { name, length } = original
  for (const [key, value] of Object.entries({ prototype, name, length })) {
    Object.defineProperty(Subclass, key, { value, writable: false })
  }
  slot.wrappers.set(Subclass, original)
  return Subclass as T
}
