/** What is left of a module does the same. */
import { expect, test } from 'vitest'
import { migrate } from './migrate-one.ts'

/** CommonJS, with a provider of its own and `work` that is told. */
async function run(code: string, work: (...args: unknown[]) => unknown) {
  const said: unknown[] = []
  const provider = { register() {}, forceFlush: async () => {} }
  const require = () => ({
    NodeTracerProvider: function NodeTracerProvider() {
      return provider
    },
  })
  const module = { exports: {} as Record<string, (event: unknown) => Promise<unknown>> }
  const log = (...args: unknown[]) => void said.push(args)
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval
  new Function('require', 'module', 'exports', 'work', 'log', code)(require, module, module.exports, work, log)
  const outcome = await module.exports['handler']!('event').then(
    (value) => ({ value }),
    (error) => ({ error: String(error) }),
  )
  return { outcome, said }
}

test.each([
  'try { return await work(1) } finally { await provider.forceFlush() }',
  'try { return await work(1) } catch (error) { log(error.message); throw error } finally { await provider.forceFlush() }',
  'try { return await work(1) } finally { log("end"); await provider.forceFlush() }',
  'let it = 0\n  try {\n    it = await work(1)\n    log(it)\n  } finally {\n    await provider?.forceFlush()\n  }\n  return it',
  'const it = await work(1)\n  try { await provider.forceFlush() } catch { log("lost") }\n  return it',
  'if (provider) { await provider.forceFlush() }\n  const it = await work(1)\n  await provider.forceFlush()\n  ;[it].map((each) => log(each))\n  return it',
  'const f = async () => { log("f"); void provider.forceFlush() }\n  await f()\n  return work(2)',
])('it runs as before: %s', async (body) => {
  const code = `const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node')
const provider = new NodeTracerProvider()
provider.register()
exports.handler = async (event) => {
  ${body}
}
`
  const migrated = migrate(code, { all: true }, '/chat.cjs')!
  expect(migrated.left).toEqual([])
  expect(migrated.code).not.toContain('forceFlush')
  for (const work of [async (n: unknown) => n, () => Promise.reject(new Error('no'))]) {
    expect(await run(migrated.code, work)).toEqual(await run(code, work))
  }
})
