/**
 * A wrapper beside a twin of what it wraps: no question tells them apart, and every call has the same result,
 * error and sync-ness. Left out are identity, `Function.prototype.toString`, `util.types` and `structuredClone`:
 * `exceptions.test.ts` shows why they do not matter.
 */
import { SpanKind } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Host, Kind } from '../../src/contract.ts'
import { als } from '../../src/runtime/context/als.ts'
import { encoding } from '../../src/runtime/encoding/json.ts'
import { instrumentMembers } from '../../src/runtime/members.ts'
import { instrument, setup } from '../../src/runtime/node.ts'
import { slot } from '../../src/runtime/slot.ts'
import { startReceiver, type Receiver } from '../harness/otlp-receiver.ts'
import { classes, functions, objects } from './recipes.ts'
import { ask, CHANGES, describe as describeValue, outcomeOf } from './reflection.ts'

const host: Host = {
  id: 'test',
  env: () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }),
  deployed: () => true,
  resource: () => ({}),
  keepAlive: () => 'after',
  constructs: ([first]) => first === PLATFORM,
}
const PLATFORM = 'what the platform constructs with'
const kind: Kind = { start: () => ({ name: 'call', kind: SpanKind.SERVER, attributes: {} }) }
const meta = { file: 'src/app.ts', name: 'handler', line: 1 }
const parts = setup({}, host, als, encoding)
const members = <T>(value: T): T =>
  instrumentMembers({ fetch: kind as never }, { '*': kind as never }, value, meta, parts)
const wrap = <T>(value: T): T => instrument(kind as never, value, meta, parts)

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.stop())

const change = fc.constantFrom(...Object.keys(CHANGES))
const changed = (name: string, it: object) => {
  try {
    return describeValue(CHANGES[name]!(it as never))
  } catch (error) {
    return (error as Error).name
  }
}

describe.each([
  ['functions', functions, wrap],
  ['classes', classes, members],
  ['objects', objects, members],
] as const)('%s', (_name, recipes: fc.Arbitrary<() => object>, wrapAs) => {
  test('every question has the same answer', () => {
    fc.assert(
      fc.property(recipes, (make) => {
        expect(ask(wrapAs(make()))).toEqual(ask(make()))
        expect(ask(wrapAs(wrapAs(make())))).toEqual(ask(make()))
      }),
      { numRuns: 100 },
    )
  })

  test('every change is one of the original, and the other way round', () => {
    fc.assert(
      fc.property(recipes, fc.array(change, { minLength: 1, maxLength: 4 }), (make, changes) => {
        const [original, twin] = [make(), make()]
        const wrapper = wrapAs(original)
        for (const [n, name] of changes.entries()) {
          expect(changed(name, n % 2 ? original : wrapper), name).toEqual(changed(name, twin))
          expect(describeValue(original)).toEqual(describeValue(twin))
          expect(ask(wrapper)).toEqual(ask(twin))
        }
      }),
      { numRuns: 100 },
    )
  })
})

const args = fc.array(fc.constantFrom<unknown>(PLATFORM, 1, 'throw', undefined, Symbol.iterator), { maxLength: 4 })
const self = fc.constantFrom<unknown>(undefined, 7, 'text', Object.freeze({ self: true }))

describe('calls', () => {
  test('of functions: with any `this`, with `new`, by a subclass, bound', async () => {
    await fc.assert(
      fc.asyncProperty(functions, self, args, async (make, by, given) => {
        const [wrapper, twin] = [wrap(make()), make()]
        for (const call of [
          (it: Function) => Reflect.apply(it, by, given),
          (it: Function) => Function.prototype.call.call(it, by, ...given),
          (it: Function) => Function.prototype.bind.call(it, by, 'bound')(...given),
          (it: Function) => Reflect.construct(it, given),
          (it: Function) => Reflect.construct(it, given, Date),
          (it: Function) => new (class Sub extends (it as new (...args: unknown[]) => object) {})(...given),
          (it: Function) => drain(Reflect.apply(it, by, given)),
        ]) {
          expect(await outcomeOf(() => call(wrapper))).toEqual(await outcomeOf(() => call(twin)))
        }
      }),
      { numRuns: 100 },
    )
  })

  test('of classes: with `new`, without, by a subclass, by `Reflect.construct`, their statics and methods', async () => {
    await fc.assert(
      fc.asyncProperty(classes, args, async (make, given) => {
        const [wrapper, twin] = [members(make()), make()]
        type Any = new (...args: unknown[]) => Record<PropertyKey, (...args: unknown[]) => unknown>
        for (const use of [
          (It: Any) => new It(...given),
          (It: Any) => Reflect.construct(It, given, Array),
          (It: Any) => Reflect.apply(It, undefined, given),
          (It: Any) => new (class Sub extends It {})(...given),
          (It: Any) => new It(...given) instanceof It,
          (It: Any) => new (class Sub extends It {})(...given) instanceof It,
          (It: Any) => new It(...given) instanceof class Sub extends It {},
          (It: Any) => new It(...given)['fetch']!(...given),
          (It: Any) => new It(...given)['later']!(),
          (It: Any) => [...(new It(...given) as never as Iterable<unknown>)],
          (It: Any) => new It(...given)['own'],
          (It: Any) => Object.assign(new It(...given), { own: 2 })['own'],
          // What is fixed is answered as it is, and so is called with the wrapper: its own private statics are not there.
          ...(Object.isSealed(twin)
            ? []
            : [
                (It: Any) => Reflect.apply(It[Symbol.hasInstance as never], It, [7]),
                (It: Any) => (It as never as Anything)['isOne']!(new It()),
                (It: Any) => ['create', 'reveal', 'describe'].map((name) => (It as never as Anything)[name]?.()),
              ]),
          (It: Any) => Object.assign(It, { secret: 5 })['secret'],
          (It: Any) => class Sub extends It {}['describe' as never],
          (It: Any) => new It(...given).constructor.name,
          (It: Any) => Reflect.apply(Array.from, It, [[1, 2]]),
          (It: Any) => (It as never as Anything)['made'],
        ]) {
          const outcome = await outcomeOf(() => use(wrapper as Any))
          expect(outcome, String(use)).toEqual(await outcomeOf(() => use(twin as Any)))
        }
      }),
      { numRuns: 100 },
    )
  })

  test('of an object’s members: handlers and others, private members included', async () => {
    await fc.assert(
      fc.asyncProperty(objects, args, async (make, given) => {
        const [wrapper, twin] = [members(make()), make()]
        const names = [
          'fetch',
          'helper',
          'later',
          'own',
          'get',
          'has',
          'getTime',
          'at',
          'toJSON',
          Symbol.iterator,
          'toString',
        ]
        for (const name of names) {
          for (const call of [
            (it: Anything) => it[name]!(...given),
            (it: Anything) => Reflect.apply(it[name]!, undefined, given),
            (it: Anything) => Object.create(it)[name](...given),
          ]) {
            const outcome = await outcomeOf(() => call(wrapper as Anything))
            expect(outcome, `${String(name)} ${call}`).toEqual(await outcomeOf(() => call(twin as Anything)))
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})

test('all of these calls were invocations, and none is left open', async () => {
  await expect.poll(() => slot.active.size, { timeout: 5000 }).toBe(0)
  await expect.poll(() => receiver.spans.length, { timeout: 5000 }).toBeGreaterThan(100)
})

type Anything = Record<PropertyKey, (...args: unknown[]) => unknown>

/** What a generator gives, whether it is asynchronous or not. */
async function drain(it: unknown): Promise<unknown> {
  if (Object(it) !== it || !(Symbol.iterator in (it as object) || Symbol.asyncIterator in (it as object))) return it
  const values = []
  for await (const value of it as AsyncIterable<unknown>) values.push(value)
  return values
}
