/** What takes the place of `module.exports`: the same to look at, but for handlers. */
import { describe, expect, test } from 'vitest'
import { wrapExports } from '../../src/runtime/commonjs.ts'

/** As `instrument` does. */
const wrap = (handler: unknown) =>
  new Proxy(handler as () => unknown, {
    apply: (target, self, args) => ['wrapped', Reflect.apply(target, self, args)],
  })
const wraps = { handler: wrap, default: wrap, main: wrap }
type Exports = Record<string, (event?: unknown) => unknown>

function wrapped(exports: unknown, isOwn: boolean): { result: Exports; names: string[] } {
  const names: string[] = []
  const result = wrapExports(exports, wraps, isOwn, (found) => names.push(...found)) as Exports
  return { result, names }
}

describe('an object of the module’s own', () => {
  test('stays itself', () => {
    const exports = { handler: (event: unknown) => event, table: 'orders' }
    const { result, names } = wrapped(exports, true)
    expect(result).toBe(exports)
    expect(result.handler!(1)).toEqual(['wrapped', 1])
    expect([Object.keys(result), names]).toEqual([['handler', 'table'], ['handler']])
  })

  test('what is assigned later is wrapped when it is read, the same one once', () => {
    const { result } = wrapped({ handler: () => 1 }, true)
    result.handler = () => 2
    expect(result.handler()).toEqual(['wrapped', 2])
    expect(result.handler).toBe(result.handler)
  })

  test('a getter is read when somebody reads it, and may give another function later', () => {
    let reads = 0
    let current = () => 1
    const exports = Object.defineProperty({}, 'handler', { enumerable: true, get: () => (reads++, current) })
    const { result, names } = wrapped(exports, true)
    expect([names, reads]).toEqual([['handler'], 0])
    expect(result.handler!()).toEqual(['wrapped', 1])
    const first = result.handler
    expect(result.handler).toBe(first)
    current = () => 2
    expect(result.handler!()).toEqual(['wrapped', 2])
  })

  test('a getter that throws throws for whoever reads it', () => {
    const get = () => {
      throw new ReferenceError("Cannot access 'handler' before initialization")
    }
    const { result } = wrapped(Object.defineProperty({}, 'handler', { get }), true)
    expect(() => result.handler).toThrow(ReferenceError)
  })

  test('an instance keeps its private members and its keys', () => {
    class Orders {
      #table = 'orders'
      handler() {
        return this.#table
      }
      other() {
        return this.#table
      }
    }
    const orders = new Orders()
    const { result } = wrapped(orders, false)
    expect(result.other!()).toBe('orders')
    expect(Object.keys(result)).toEqual([])
    expect(result.handler!()).toEqual(['wrapped', 'orders'])
  })

  test.each([true, false])('an instance that is frozen is left: own module %s', (isOwn) => {
    class Orders {
      #table = 'orders'
      handler() {
        return this.#table
      }
      get main() {
        return () => this.#table
      }
    }
    const orders = Object.freeze(new Orders())
    const wraps = { handler: wrap, main: wrap }
    const names: string[] = []
    const result = wrapExports(orders, wraps, isOwn, (found) => names.push(...found)) as Orders
    expect([result.handler(), result.main(), names]).toEqual(['orders', 'orders', []])
    const entries = Object.freeze(Object.assign(new Map([['table', 'orders']]), { handler: () => 1 }))
    expect((wrapExports(entries, wraps, isOwn) as typeof entries).get('table')).toBe('orders')
  })
})

describe('an object of another module', () => {
  test('is not touched', () => {
    const exports = { handler: (event: unknown) => event, table: 'orders' }
    const { result } = wrapped(exports, false)
    expect(exports.handler(1)).toBe(1)
    expect(result.handler!(1)).toEqual(['wrapped', 1])
    expect(result).toEqual({ handler: expect.any(Function), table: 'orders' })
  })

  test('is there as it is later, too', () => {
    const exports: Record<string, unknown> = { handler: () => 1, table: 'orders' }
    const { result } = wrapped(exports, false)
    exports['table'] = 'customers'
    exports['handler'] = () => 2
    expect([result['table'], result.handler!()]).toEqual(['customers', ['wrapped', 2]])
  })

  test('may be frozen', () => {
    const symbol = Symbol('mine')
    const exports = Object.freeze({ handler: () => 1, [symbol]: 1, __proto__: { inherited: 2 } })
    const { result } = wrapped(exports, false)
    expect(result.handler!()).toEqual(['wrapped', 1])
    expect([Reflect.ownKeys(result), result['inherited']]).toEqual([['handler', symbol], 2])
    expect(Object.isExtensible(result)).toBe(false)
  })

  test('without a handler it is left as it is', () => {
    for (const exports of [{ table: 'orders', handler: 'no' }, Object.freeze({}), 1, null, undefined]) {
      expect(wrapped(exports, false)).toEqual({ result: exports, names: [] })
    }
  })
})

describe('a function', () => {
  test('is the default export, and may have others', () => {
    const exports = Object.assign((event: unknown) => event, { main: () => 'main', table: 'orders' })
    const { result, names } = wrapped(exports, false)
    expect((result as unknown as (event: unknown) => unknown)(1)).toEqual(['wrapped', 1])
    expect([result.main!(), result['table']]).toEqual([['wrapped', 'main'], 'orders'])
    expect(names.toSorted()).toEqual(['default', 'main'])
    expect(exports.main()).toBe('main')
  })

  test('what all functions have is no export', () => {
    const seen: string[] = []
    const exports = () => 1
    expect(wrapExports(exports, { bind: wrap, toString: wrap }, true, (found) => seen.push(...found))).toBe(exports)
    expect(seen).toEqual([])
  })

  test('that is frozen keeps what it has', () => {
    const exports = Object.freeze(Object.assign(() => 1, { handler: () => 2 }))
    const result = wrapExports(exports, { handler: wrap }, false) as typeof exports
    expect(result.handler()).toBe(2)
  })
})

test('a wrapper that cannot be made leaves the handler', () => {
  const broken = () => {
    throw new Error('broken')
  }
  const handler = () => 1
  const result = wrapExports({ handler }, { handler: broken }, false) as Exports
  expect(result.handler).toBe(handler)
  expect(wrapExports(handler, { default: broken }, false)).toBe(handler)
})

test('beside a handler that is fixed, what the module assigns later is seen', () => {
  const exports: Exports = { table: () => 1 }
  Object.defineProperty(exports, 'handler', { value: () => 2, enumerable: true })
  const { result } = wrapped(exports, true)
  exports['table'] = () => 3
  expect([result['handler']!(), result['table']!()]).toEqual([['wrapped', 2], 3])
  result['table'] = () => 4
  expect(exports['table']()).toBe(4)
})

test('beside a handler that is fixed, what others define afterwards is seen', () => {
  const exports = Object.defineProperty({}, 'handler', { value: () => 1 })
  const whole = wrapExports(exports, { handler: (handler) => handler }, true) as Record<string, unknown>
  // oxlint-disable-next-line unicorn/no-thenable
  Object.defineProperty(whole, 'then', { configurable: true, value: 'ours' })
  expect(whole['then']).toBe('ours')
  expect(delete whole['then'] && 'then' in whole).toBe(false)
})

test.each<[string, () => object]>([
  ['that is frozen', () => Object.freeze({ handler: () => 1, main: () => 2, table: 1 })],
  [
    'that is frozen, with a getter',
    () =>
      Object.freeze({
        get handler() {
          return () => 1
        },
      }),
  ],
  ['with a handler that is fixed', () => Object.defineProperty({}, 'handler', { value: () => 1 })],
  [
    'with a handler that is read only',
    () => Object.defineProperty({}, 'handler', { value: () => 1, configurable: true }),
  ],
  ['with a getter', () => Object.defineProperty({}, 'handler', { get: () => () => 1 })],
])('of an object %s, what may not be done fails in the engine’s own words', (_, create) => {
  const changes: ((exports: Exports) => unknown)[] = [
    (exports) => (exports.handler = () => 2),
    (exports) => (exports.other = () => 2),
    (exports) => Object.defineProperty(exports, 'other', { value: 1 }),
    (exports) => Object.isFrozen(exports),
    (exports) =>
      Object.entries(Object.getOwnPropertyDescriptors(exports)).map(([key, { enumerable, configurable, writable }]) => [
        key,
        { enumerable, configurable, writable },
      ]),
  ]
  const tell = (exports: Exports) =>
    changes.map((change) => {
      try {
        return change(exports)
      } catch (error) {
        return String(error)
      }
    })
  for (const isOwn of [true, false]) {
    const { result } = wrapped(create(), isOwn)
    const [bare, ours] = [tell(create() as Exports), tell(result)]
    expect(JSON.stringify(ours)).toBe(JSON.stringify(bare))
    expect(bare[0]).toMatch(/^TypeError: Cannot /)
    expect(result.handler!()).toEqual(['wrapped', 1])
  }
})

test('of an object that is frozen, a copy takes its place', () => {
  const exports = Object.freeze({ handler: () => 1, table: 1 })
  const { result } = wrapped(exports, true)
  expect(Object.getOwnPropertyDescriptor(result, 'handler')!.value).toBe(result.handler)
  expect(exports.handler()).toBe(1)
})
