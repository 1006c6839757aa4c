/** Every question that code can ask of a value, as data that two values can be compared by. Identities are left out. */
import { THROWN } from './thrown.ts'

type Anything = Record<PropertyKey, never>

const INTRINSICS = new Map<unknown, string>(
  [Object, Function, Array, Map, Date, Promise].flatMap((it) => [
    [it, it.name],
    [it.prototype, `${it.name}.prototype`],
  ]),
)

/** A value as far as it can be told apart without its identity; `depth` levels of its own members and prototypes. */
export function describe(value: unknown, depth = 3): unknown {
  if (value === THROWN) return 'the very error'
  if (typeof value === 'symbol') return String(value)
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value
  const known = INTRINSICS.get(value)
  if (known || depth === 0) return known ?? typeof value
  const it = value as Anything
  const members = Reflect.ownKeys(it).map((key) => {
    const { value: own, get, set, ...rest } = Reflect.getOwnPropertyDescriptor(it, key)!
    // What an instance is constructed by is an identity.
    const inner = key === 'constructor' ? 0 : depth - 1
    return [String(key), rest, describe(own, inner), describe(get, 1), describe(set, 1)]
  })
  return {
    type: typeof it,
    tag: attempt(() => Object.prototype.toString.call(it)),
    isArray: Array.isArray(it),
    isExtensible: Object.isExtensible(it),
    isSealed: Object.isSealed(it),
    // V8 calls a sealed function frozen, although its prototype can be replaced; through a Proxy it does not.
    isFrozen: typeof it === 'object' && Object.isFrozen(it),
    prototype: describe(Reflect.getPrototypeOf(it), depth - 1),
    members,
  }
}

/** What is asked without a change. */
export function ask(value: unknown): unknown {
  const it = value as Anything
  const keys = [...Reflect.ownKeys(it), 'inherited', 'missing', 'virtual', 'call', Symbol.hasInstance, Symbol.species]
  const enumerated: string[] = []
  for (const key in it) enumerated.push(key)
  return {
    described: describe(it),
    got: keys.map((key) => [String(key), attempt(() => describe(it[key], 2)), key in it, Object.hasOwn(it, key)]),
    enumerated,
    keys: Object.keys(it),
    entries: attempt(() => describe(Object.entries(it))),
    spread: attempt(() => describe({ ...it })),
    json: attempt(() => JSON.stringify(it)),
    text: typeof it === 'function' ? undefined : attempt(() => String(it)),
    iterated: attempt(() => describe([...(it as unknown as Iterable<unknown>)])),
    instanceof: [Function, Object, Array, Map].map((type) => (it as object) instanceof type),
    reflected: [Reflect.isExtensible(it), describe(Reflect.getPrototypeOf(it)), Reflect.ownKeys(it).map(String)],
    isPrototypeOf: attempt(() => Object.prototype.isPrototypeOf.call(it, Object.create(it))),
    inherited: attempt(() => describe(Object.create(it).own)),
  }
}

/** Each changes something, and says what became of it. */
export const CHANGES: Record<string, (it: Anything) => unknown> = {
  set: (it) => [
    Reflect.set(it, 'own', 'set' as never),
    Reflect.set(it, 'made', 5 as never),
    Reflect.set(it, 'n', 5 as never),
  ],
  setFixed: (it) => [Reflect.set(it, 'length', 9 as never), Reflect.set(it, 'prototype', 9 as never)],
  setThroughChild: (it) => {
    const child = Object.create(it)
    return [Reflect.set(child, 'own', 1), Reflect.ownKeys(child).map(String)]
  },
  setMethod: (it) => Reflect.set(it, 'fetch', (() => 'replaced') as never),
  assign: (it) => {
    it['own'] = 'assigned' as never
  },
  defineProperty: (it) => Reflect.defineProperty(it, 'defined', { value: 1, configurable: true }),
  defineFixed: (it) => Reflect.defineProperty(it, 'defined', { value: () => 1 }),
  deleteProperty: (it) => [
    Reflect.deleteProperty(it, 'own'),
    Reflect.deleteProperty(it, 'name'),
    Reflect.deleteProperty(it, 'n'),
  ],
  setPrototypeOf: (it) => Reflect.setPrototypeOf(it, { inherited: 'new' }),
  preventExtensions: (it) => Reflect.preventExtensions(it),
  // V8 freezes all of a sealed function but its prototype; through a Proxy that, too.
  freeze: (it) => Object.isExtensible(it) && void Object.freeze(it),
}

/** The value, the very error, and whether either came at once. */
export async function outcomeOf(call: () => unknown): Promise<unknown> {
  const at = attempt(call)
  if ('error' in at) return { at: describe(at.error) }
  const { value } = at
  if (typeof (value as Partial<Promise<unknown>> | undefined)?.then !== 'function') return { at: describe(value) }
  return { later: await Promise.resolve(value).then(describeAll, (error: unknown) => ({ rejects: describe(error) })) }
}

const describeAll = (value: unknown) => describe(value)

function attempt(run: () => unknown): { value: unknown } | { error: unknown } {
  try {
    return { value: run() }
  } catch (error) {
    // What the engine throws names the value by its source.
    return { error: error instanceof TypeError ? 'TypeError' : error }
  }
}
