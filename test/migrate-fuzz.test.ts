/** Functions of every shape, before and after their flushes are taken out: they say and return the same. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { migrate } from './plugin/migrate-one.ts'

const FLUSHES = [
  'await provider.forceFlush()',
  'void provider?.forceFlush();',
  'await provider.forceFlush().catch(() => {})',
  'ctx.waitUntil(provider.forceFlush()) // or it is lost',
  'if (provider) await provider.forceFlush()',
  'if (log(1)) await provider.forceFlush()\nelse log(2)',
  'await Promise.all([provider.forceFlush()])',
]
/** With lines that go on where one before them has no semicolon. */
const OTHERS = ['log(3)', ';[1].map(log)', '({ a: 1 })', '`x`', '// comment', 'return log("r")', 'throw new Error("t")']
const DECLARATIONS = ['a', 'b'].flatMap((name) => [`const ${name} = log('${name}')`, `log(typeof ${name})`])

const { body } = fc.letrec<{ body: string; statement: string }>((tie) => {
  const inner = tie('body')
  const pick = (...texts: string[]) => fc.constantFrom(...texts)
  const withBodies = (...parts: string[]) =>
    fc
      .array(inner, { minLength: parts.length - 1, maxLength: parts.length - 1 })
      .map((bodies) => parts.map((part, at) => (at === 0 ? part : `{\n${bodies[at - 1]}\n}${part}`)).join(''))
  return {
    body: fc.array(tie('statement'), { maxLength: 4 }).map((statements) => statements.join('\n')),
    statement: fc.oneof(
      { maxDepth: 3 },
      pick(...FLUSHES, ...OTHERS, ...DECLARATIONS),
      withBodies('', ''),
      withBodies('try ', ' finally ', ''),
      withBodies('try ', ' catch ', ''),
      withBodies('try ', ' catch (error) ', ' finally ', ''),
      withBodies('if (provider) ', ''),
      withBodies('if (log(4)) ', ' else ', ''),
      withBodies('for (const a of [1, 2]) ', ''),
      withBodies('switch (1) { default: ', '\n}'),
    ),
  }
})

/** @returns what it logged and how it ended; undefined: no JavaScript */
async function run(code: string): Promise<unknown> {
  const said: unknown[] = []
  const provider = { register() {}, forceFlush: async () => {} }
  const require = () => ({
    NodeTracerProvider: function NodeTracerProvider() {
      return provider
    },
  })
  const exports: { handler?: () => Promise<unknown> } = {}
  const log = (value: unknown) => {
    said.push(value)
    return value
  }
  try {
    // oxlint-disable-next-line typescript/no-implied-eval
    new Function('require', 'exports', 'log', 'ctx', code)(require, exports, log, { waitUntil() {} })
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  const outcome = await exports.handler!().then(
    (value) => ({ value }),
    (error) => ({ error: String(error) }),
  )
  return { said, outcome }
}

const SHAPES = 800

test('what is left does the same, and a second time nothing is taken out', async () => {
  let changed = 0
  const property = fc.asyncProperty(body, fc.constantFrom('\n', '\r\n'), async (body, newline) => {
    const code = `const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node')
const provider = new NodeTracerProvider()
provider.register()
exports.handler = async () => {
${body}
}
`.replaceAll('\n', newline)
    const before = await run(code)
    const migrated = before === undefined ? undefined : migrate(code, {}, '/chat.cjs')
    if (!migrated) return
    if (migrated.code !== code) changed++
    expect(await run(migrated.code), migrated.code).toEqual(before)
    expect(migrated.left.filter(({ why }) => why.includes('parsed'))).toEqual([])
    expect(migrate(migrated.code, {}, '/chat.cjs')?.removed ?? []).toEqual([])
  })
  await fc.assert(property, { numRuns: SHAPES, seed: 31 })
  expect(changed).toBeGreaterThan(SHAPES / 8)
})
