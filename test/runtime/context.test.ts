/** The two context managers: what is active where, and what a Worker without AsyncLocalStorage may expect. */
import { createContextKey, ROOT_CONTEXT, type Context, type ContextManager } from '@opentelemetry/api'
import { describe, expect, test } from 'vitest'
import { als } from '../../src/runtime/context/als.ts'
import { stack } from '../../src/runtime/context/stack.ts'

const KEY = createContextKey('name')
const named = (name: string) => ROOT_CONTEXT.setValue(KEY, name)
const nameOf = (context: Context) => context.getValue(KEY)

describe.each<[string, () => ContextManager]>([
  ['als', als],
  ['stack', stack],
])('%s', (_name, create) => {
  test('the root outside, the innermost inside, the outer one again after it, also after a throw', () => {
    const manager = create()
    const seen = [nameOf(manager.active())]
    manager.with(named('outer'), () => {
      seen.push(nameOf(manager.active()))
      manager.with(named('inner'), () => seen.push(nameOf(manager.active())))
      expect(() =>
        manager.with(named('broken'), () => {
          throw new Error('mine')
        }),
      ).toThrow('mine')
      seen.push(nameOf(manager.active()))
    })
    expect([...seen, nameOf(manager.active())]).toEqual([undefined, 'outer', 'inner', 'outer', undefined])
  })

  test('`this`, arguments and result are passed on', () => {
    const manager = create()
    const self = { factor: 2 }
    const product = function (this: typeof self, a: number, b: number) {
      return this.factor * a * b
    }
    expect(manager.with(named('a'), product, self, 3, 4)).toBe(24)
  })

  test('a bound function has its context, its properties and its `this`', () => {
    const manager = create()
    const bound = manager.bind(
      named('bound'),
      Object.assign(
        function (this: unknown) {
          return [this, nameOf(manager.active())]
        },
        { mark: 1 },
      ),
    )
    const self = { bound }
    expect(self.bound()).toEqual([self, 'bound'])
    expect(bound.mark).toBe(1)
    expect(manager.bind(named('a'), 7)).toBe(7)
  })
})

test('after an await: kept by als; the root, not somebody else’s, with stack', async () => {
  const later = async (manager: ContextManager, name: string) =>
    manager.with(named(name), async () => {
      await Promise.resolve()
      return nameOf(manager.active())
    })
  const kept = als()
  expect(await Promise.all([later(kept, 'a'), later(kept, 'b')])).toEqual(['a', 'b'])
  const lost = stack()
  expect(await Promise.all([later(lost, 'a'), later(lost, 'b')])).toEqual([undefined, undefined])
})
