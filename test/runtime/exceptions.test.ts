/**
 * The four questions that a wrapper answers otherwise, and why nobody minds. What the platforms ask in fact is
 * recorded in `test/lambda-transparency.test.ts`; in workerd, `test/worker-shapes.test.ts` compares the answers.
 */
import { types } from 'node:util'
import { expect, test } from 'vitest'
import { als } from '../../src/runtime/context/als.ts'
import { encoding } from '../../src/runtime/encoding/json.ts'
import { host } from '../../src/runtime/hosts/workerd.ts'
import { instrumentMembers } from '../../src/runtime/members.ts'
import { instrument, setup } from '../../src/runtime/node.ts'
import { onCall, onFetch } from '../../src/runtime/platforms/cloudflare.ts'

const meta = { file: 'src/app.ts', name: 'handler', line: 1 }
const parts = setup({}, host, als, encoding)
const wrap = <H>(handler: H): H => instrument(onFetch as never, handler, meta, parts)
const members = <T>(value: T): T =>
  instrumentMembers({ fetch: onFetch as never }, { '*': onCall as never }, value, meta, parts)

test('identity: one export is one value, and so is each member each time', () => {
  class Counter {
    static make() {
      return new Counter()
    }
    fetch() {}
    other() {}
  }
  const Wrapper = members(Counter)
  expect(Wrapper).not.toBe(Counter)
  expect([Wrapper === Wrapper, Wrapper.make === Wrapper.make, Wrapper.prototype === Counter.prototype]).toEqual([
    true,
    true,
    true,
  ])
  // What is compared in practice: the class of an instance.
  expect(new Wrapper()).toBeInstanceOf(Counter)
  expect(new Counter()).toBeInstanceOf(Wrapper)
  expect(new Wrapper().constructor).toBe(Counter)
  const original = { fetch() {}, other() {} }
  const object = members(original)
  expect([object.fetch === object.fetch, object.other === object.other]).toEqual([true, true])
  // The same function under two names is two handlers.
  const both = instrumentMembers({ a: onFetch as never, b: onFetch as never }, {}, { a: wrap, b: wrap }, meta, parts)
  expect(both.a).not.toBe(both.b)
})

test('source text: never an error, and whoever asks a class or an object for it gets the original’s', () => {
  const handler = async (_request: object) => {}
  expect(Function.prototype.toString.call(wrap(handler))).toBe('function () { [native code] }')
  class Entry {
    fetch() {}
  }
  const Wrapper = members(Entry)
  expect(`${Wrapper}`).toBe(Function.prototype.toString.call(Entry))
  expect(Function.prototype.toString.call(Wrapper)).toBe('function () { [native code] }')
})

test('`util.types`: what a handler is asked for is what it returns', async () => {
  const handler = async (_request: object) => 1
  const wrapper = wrap(handler)
  expect([types.isProxy(wrapper), types.isAsyncFunction(wrapper)]).toEqual([true, false])
  // Asked without `util`, the answer is the original's.
  expect(Object.prototype.toString.call(wrapper)).toBe('[object AsyncFunction]')
  expect(wrapper.constructor).toBe(handler.constructor)
  expect(types.isPromise(wrapper({}))).toBe(true)
  const generator = async function* () {}
  expect(types.isGeneratorFunction(wrap(generator))).toBe(false)
  expect(types.isGeneratorObject(wrap(generator)())).toBe(true)
})

test('`structuredClone`: what has a function has no clone either way; what has no kinds is not wrapped', () => {
  for (const value of [() => {}, { fetch() {} }, { nested: { fetch() {} } }]) {
    expect(() => structuredClone(value)).toThrow(DOMException)
    expect(() => structuredClone(wrap(value))).toThrow(DOMException)
    expect(() => structuredClone(members(value))).toThrow(DOMException)
  }
  // An instance's clone would have none of its methods: that of a handler is of no use.
  class Service {
    calls = 0
    fetch() {}
  }
  expect(structuredClone(new Service())).not.toHaveProperty('fetch')
  expect(() => structuredClone(members(new Service()))).toThrow(DOMException)
  const data = { table: new Map([[1, [2]]]) }
  expect(structuredClone(wrap(data))).toEqual(data)
  expect(structuredClone(instrumentMembers({}, { '*': onCall as never }, data, meta, parts))).toEqual(data)
})
