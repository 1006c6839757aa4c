/**
 * What a CommonJS module exports when an assignment at its end would not do: getters that a bundler or a compiler
 * made, the exports of another module, names that only running it tells. Where the module's own object can take the
 * wrapper, it does. Else `module.exports` becomes a Proxy of it, which is asked whenever somebody reads: bindings
 * stay live, and what the user froze, or another module shares, is not assigned to. A module of an import cycle that
 * took `exports` before has the object as the user made it, with raw handlers.
 */
import { quietly } from './quietly.ts'

export type Wrap = (handler: unknown) => unknown

/**
 * @param wraps by exported name; `default` is also a function that is `module.exports` itself
 * @param isOwn the module made `exports` itself: it may be assigned to
 * @param found gets the names that are there, getters unread
 * @returns what takes the place of `module.exports`
 */
export function wrapExports(
  exports: unknown,
  wraps: Readonly<Record<string, Wrap>>,
  isOwn: boolean,
  found?: (names: string[]) => void,
): unknown {
  const names: string[] = []
  const result = quietly(() => replace(exports, wraps, isOwn, names)) ?? exports
  quietly(() => found?.(names))
  return result
}

function replace(exports: unknown, wraps: Readonly<Record<string, Wrap>>, isOwn: boolean, names: string[]): unknown {
  if (exports === null || (typeof exports !== 'object' && typeof exports !== 'function')) return exports
  const late = new Map<PropertyKey, Wrap>()
  for (const [name, wrap] of Object.entries(wraps)) {
    const at = isPresent(exports, name) ? find(exports, name) : undefined
    if (!at || (!at.get && typeof at.value !== 'function')) continue
    // There is no copy of a function.
    if (typeof exports === 'function' && isFixed(Object.getOwnPropertyDescriptor(exports, name))) continue
    const once = perHandler(wrap)
    if (!((isOwn || isInstance(exports)) && setInPlace(exports, name, once))) {
      // An instance may have private members, which a Proxy of it has not. One that is frozen is left.
      if (isInstance(exports)) continue
      late.set(name, once)
    }
    names.push(name)
  }
  let whole = exports
  if (typeof exports === 'function' && wraps['default']) {
    whole = wraps['default'](exports) as object
    names.push('default')
  }
  return late.size > 0 ? wrapReads(whole, late) : whole
}

/** What every object and every function has is no export. */
function isPresent(exports: object, name: string): boolean {
  return name in exports && (Object.hasOwn(exports, name) || !(name in Function.prototype))
}

function find(owner: object | null, name: string): PropertyDescriptor | undefined {
  return owner ? (Object.getOwnPropertyDescriptor(owner, name) ?? find(Object.getPrototypeOf(owner), name)) : undefined
}

/** Not a function, a literal, which may inherit from another, or the namespace of an ES module. */
function isInstance(exports: object): boolean {
  const prototype = Object.getPrototypeOf(exports)
  if (typeof exports !== 'object' || !prototype || !Object.getPrototypeOf(prototype)) return false
  return exports.constructor !== Object
}

/** A getter may give another function later, or the same one again. */
function perHandler(wrap: Wrap): Wrap {
  const wrappers = new WeakMap<object, unknown>()
  return (handler) => {
    if (typeof handler !== 'function') return handler
    if (!wrappers.has(handler)) wrappers.set(handler, quietly(() => wrap(handler)) ?? handler)
    return wrappers.get(handler)
  }
}

function setInPlace(exports: object, name: string, wrap: Wrap): boolean {
  const own = Object.getOwnPropertyDescriptor(exports, name)
  const { get, set, value, enumerable, configurable, writable } = own ?? { ...find(exports, name)!, enumerable: false }
  // Fails by itself where it is fixed.
  if (own && !get && !(configurable && writable)) return Reflect.defineProperty(exports, name, { value: wrap(value) })
  if (own ? !configurable : get) return false
  // Also what the module assigns later, in a function: a compiled `handler = …` is one.
  let current: unknown = value
  const setter = get ? set : writable && ((next: unknown) => void (current = next))
  return Reflect.defineProperty(exports, name, {
    get: () => wrap(get ? Reflect.apply(get, exports, []) : current),
    ...(setter && { set: setter }),
    enumerable: enumerable === true,
    configurable: true,
  })
}

function wrapReads(exports: object, wraps: ReadonlyMap<PropertyKey, Wrap>): object {
  const isFunction = typeof exports === 'function'
  const target = isFunction ? exports : copyOfFixed(exports, wraps)
  // Nothing will change, so there is nothing to be asked.
  if (!isFunction && Object.isFrozen(target) && [...wraps.keys()].every((key) => Object.hasOwn(target, key))) {
    return target
  }
  const proxy: object = new Proxy(target, {
    get(_, key, receiver) {
      const owner = key in exports ? exports : target
      const value: unknown = Reflect.get(owner, key, receiver === proxy ? owner : receiver)
      return wraps.get(key)?.(value) ?? value
    },
    // Static members of a class may be private. Of an object without `set` the engine says itself why it may not be.
    ...(isFunction && {
      set: (_, key, value, receiver) => Reflect.set(exports, key, value, receiver === proxy ? exports : receiver),
    }),
    // What others assign and define, as our footer does, the module sees in its own, too.
    ...(target !== exports && {
      defineProperty: (_, key, own) => [exports, target].every((each) => Reflect.defineProperty(each, key, own)),
      deleteProperty: (_, key) => [exports, target].every((each) => Reflect.deleteProperty(each, key)),
    }),
  })
  return proxy
}

/** What is fixed has to be answered as it is, an invariant of Proxies: a copy then, in which it is wrapped. */
function copyOfFixed(exports: object, wraps: ReadonlyMap<PropertyKey, Wrap>): object {
  const descriptors = Object.getOwnPropertyDescriptors(exports) as Record<PropertyKey, PropertyDescriptor>
  const isAsItIs = [...wraps.keys()].every((key) => !isFixed(descriptors[key]))
  if (isAsItIs && !Object.isFrozen(exports)) return exports
  for (const [key, wrap] of wraps) {
    const own = descriptors[key]
    const get = own?.get
    if (get) own.get = () => wrap(Reflect.apply(get, exports, []))
    else if (isFixed(own)) own.value = wrap(own.value)
  }
  const copy = Object.create(Object.getPrototypeOf(exports), descriptors)
  return Object.isExtensible(exports) ? copy : Object.preventExtensions(copy)
}

function isFixed(own: PropertyDescriptor | undefined): own is PropertyDescriptor {
  return own?.configurable === false && own.writable === false
}
