/** A class in Vite's dev server: what Cloudflare's plugin does there with a class, and what the user still sees. */
import { expect, test } from 'vitest'
import { als } from '../../src/runtime/context/als.ts'
import { encoding } from '../../src/runtime/encoding/json.ts'
import { host } from '../../src/runtime/hosts/workerd.ts'
import { instrumentMembers } from '../../src/runtime/members-dev.ts'
import { setup } from '../../src/runtime/node.ts'
import { onCall, onFetch } from '../../src/runtime/platforms/cloudflare.ts'
import { slot } from '../../src/runtime/slot.ts'
import { startReceiver } from '../harness/otlp-receiver.ts'

const parts = setup({}, host, als, encoding)
const wrap = <T>(value: T): T =>
  instrumentMembers(
    { fetch: onFetch as never },
    { '*': onCall as never },
    value,
    { file: 'src/app.ts', name: 'Counter', line: 1 },
    parts,
  )
const ctx = { waitUntil() {} }

class Counter {
  static made = 0
  static #secret = 0
  static reveal() {
    return ++this.#secret
  }
  #n = 0
  readonly by: boolean
  constructor(..._given: unknown[]) {
    Counter.made++
    this.by = new.target === Counter
  }
  increment() {
    return ++this.#n
  }
  get count() {
    return this.#n
  }
}

test('a method of the prototype, called with the instance: the private members are there, and it is an invocation', async () => {
  const receiver = await startReceiver()
  const Wrapper = wrap(Counter)
  const instance = new Wrapper(ctx, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  const increment = Reflect.get(Wrapper.prototype, 'increment', instance) as () => number
  expect(Reflect.has(Wrapper.prototype, 'increment')).toBe(true)
  expect(increment.call(instance)).toBe(1)
  expect(Reflect.get(Wrapper.prototype, 'count', instance)).toBe(1)
  expect(await receiver.waitForSpans(1)).toMatchObject([{ name: 'Counter/increment' }])
  await expect.poll(() => slot.active.size).toBe(0)
  await receiver.stop()
})

test('what the user constructs, subclasses and sets is as without us', () => {
  const Wrapper = wrap(Counter)
  class Sub extends Wrapper {}
  const [own, sub, platform] = [new Wrapper(), new Sub(ctx), new Wrapper(ctx)]
  expect([own.by, sub.by, platform.by]).toEqual([true, false, true])
  for (const instance of [own, sub, platform]) {
    expect(instance).toBeInstanceOf(Counter)
    expect(instance).toBeInstanceOf(Wrapper)
  }
  expect([own instanceof Sub, sub instanceof Sub, Object.getPrototypeOf(sub) === Sub.prototype]).toEqual([
    false,
    true,
    true,
  ])
  expect([own.increment(), sub.increment(), platform.increment(), own.count]).toEqual([1, 1, 1, 1])
  Wrapper.made = 40
  expect([Counter.made, Wrapper.reveal(), Sub.made]).toEqual([40, 1, 40])
  expect([Wrapper.name, Wrapper.length, wrap(Wrapper)]).toEqual(['Counter', 0, expect.any(Function)])
  const data = { n: 1 }
  expect(instrumentMembers({}, {}, data, { file: '', name: '', line: 1 }, parts)).toBe(data)
})
