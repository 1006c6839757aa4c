/** A value as its users see it: what it is, what it has, what its calls give. */
type Members = Record<string, unknown>

export function isClass(value: unknown): boolean {
  return typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false
}

const GIVEN = [{ id: 'given', rawPath: '/' }, 'second', () => {}]
const OBJECT_MEMBERS = new Set(Object.getOwnPropertyNames(Object.prototype))

/** Its type, what it is made of, and what its calls give. */
export async function describeValue(value: unknown, depth = 0): Promise<unknown> {
  if (typeof value === 'function') {
    const keys = Reflect.ownKeys(value).map(String).toSorted()
    const prototype = Object.getPrototypeOf(value)?.constructor?.name
    const about = [typeof value, value.name, value.length, keys, prototype, Object.isFrozen(value)]
    if (depth > 2) return about
    if (isClass(value)) {
      const made = await outcomeOf(() => Reflect.construct(value, GIVEN.slice(0, 2)), depth)
      return [...about, made, await membersOf(value as never, depth)]
    }
    const calls = [() => Reflect.apply(value, { me: 1 }, GIVEN), () => Reflect.apply(value, undefined, [])]
    return [...about, await outcomeOf(calls[0]!, depth), await outcomeOf(calls[1]!, depth)]
  }
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`
  if (depth > 3) return 'deep'
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value) items.push(await describeValue(item, depth + 1))
    return items
  }
  const about = [Object.getPrototypeOf(value)?.constructor?.name, Object.isFrozen(value), Array.isArray(value)]
  return [...about, await membersOf(value as Members, depth)]
}

async function membersOf(owner: Members, depth: number): Promise<unknown[]> {
  const members: unknown[] = []
  const keys = new Set<string>()
  for (let at: object | null = owner; at && !isNative(at); at = Object.getPrototypeOf(at)) {
    for (const key of Object.getOwnPropertyNames(at)) keys.add(key)
  }
  for (const key of keys) {
    if (OBJECT_MEMBERS.has(key) || key === 'prototype' || (typeof owner !== 'object' && typeof owner !== 'function'))
      continue
    members.push([
      key,
      await outcomeOf(
        () =>
          typeof owner[key] === 'function' && !isClass(owner[key]) ? (owner[key] as Function)('of', key) : owner[key],
        depth,
      ),
    ])
  }
  return members
}

function isNative(prototype: object): boolean {
  const { constructor } = prototype
  if (!Object.hasOwn(prototype, 'constructor')) return false
  return (
    typeof constructor !== 'function' || Function.prototype.toString.call(constructor).endsWith('{ [native code] }')
  )
}

async function outcomeOf(call: () => unknown, depth: number): Promise<unknown> {
  let result: unknown
  try {
    result = call()
  } catch (error) {
    return ['throws', String(error)]
  }
  const isLater = typeof (result as PromiseLike<unknown> | undefined)?.then === 'function'
  try {
    result = await result
    if (isIterator(result)) result = await drain(result)
  } catch (error) {
    return ['rejects', String(error)]
  }
  return [isLater, await describeValue(result, depth + 1)]
}

function isIterator(value: unknown): value is AsyncIterable<unknown> {
  return Object(value) === value && typeof (value as { next?: unknown }).next === 'function'
}

async function drain(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const value of values) all.push(value)
  return ['drained', ...all]
}
