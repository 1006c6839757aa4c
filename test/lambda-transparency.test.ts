/** What the real runtime client asks of a handler: nothing that a wrapper answers otherwise. */
import { expect, test } from 'vitest'
import { deploy, invoke } from './deploy.ts'

/** Says whatever is done to the handler, by a trap, or by a function that a wrapper cannot hide from. */
const WITNESS = `
  import { createRequire } from 'node:module'
  const asked = new Set()
  const handler = new Proxy(async (event, context) => ({ ok: true }), Object.fromEntries(
    Object.getOwnPropertyNames(Reflect).map((trap) => [trap, (...args) => {
      asked.add(['get', 'has', 'getOwnPropertyDescriptor'].includes(trap) ? trap + ' ' + String(args[1]) : trap)
      if (trap === 'apply') queueMicrotask(() => console.log('asked ' + JSON.stringify([...asked])))
      return Reflect[trap](...args)
    }]),
  ))
  const watch = (owner, name) => {
    const original = owner[name]
    if (!Object.getOwnPropertyDescriptor(owner, name).writable) return
    owner[name] = function (...args) {
      if (args.includes(handler) || this === handler) asked.add(name)
      return Reflect.apply(original, this, args)
    }
  }
  const { types } = createRequire(import.meta.url)('node:util')
  for (const name of Object.keys(types)) watch(types, name)
  for (const name of ['is', 'keys', 'entries']) watch(Object, name)
  watch(Function.prototype, 'toString')
  watch(globalThis, 'structuredClone')
  watch(Map.prototype, 'get')
  watch(WeakMap.prototype, 'get')
  export { handler }
`

test('no identity, no source text, no kind of function, no clone: `typeof`, three properties and a call', async () => {
  const deployment = await deploy(WITNESS, { otel: false, extension: 'js' })
  expect((await invoke(deployment)).ok).toBe(true)
  const asked: string[] = JSON.parse(/asked (\[.*\])/.exec(deployment.lambda.output)![1]!)
  const streaming = 'aws.lambda.runtime.handler.streaming'
  expect(asked.toSorted()).toEqual([
    'apply',
    `get Symbol(${streaming})`,
    `get Symbol(${streaming}.highWaterMark)`,
    'get length',
  ])
})

test.each([{}, false] as const)(
  '`length`: a callback handler is refused before the first invocation, otel: %j',
  async (otel) => {
    const source = 'export function handler(event, context, callback) {\n  callback(null, 1)\n}\n'
    await expect(deploy(source, { otel, extension: 'js' })).rejects.toThrow('Runtime.CallbackHandlerDeprecated')
  },
)
