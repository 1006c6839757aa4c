/** Sources that a generator wrote: the build goes on, in time. */
import { expect, test } from 'vitest'
import { createPipeline } from '../../src/plugin/index.ts'
import { transform } from '../../src/plugin/transform.ts'
import { createFacts } from './facts.ts'
import { createBundler } from './project-facts.ts'

const HANDLER = '\nexport const handler = async () => 1\n'

async function run(code: string) {
  const entry = `${import.meta.dirname}/app.ts`
  const bundler = createBundler({ root: import.meta.dirname, entries: [entry] })
  const pipeline = createPipeline({ enabled: true, platform: 'aws-lambda' }, bundler, {})
  const output = await pipeline.transform(code, entry, undefined)
  return { output, facts: pipeline.report.finish().facts }
}

// A parser that overflows its stack would end this process.
test.each([
  ['parentheses', 'const a = ', '(', ')'],
  ['arrays', 'const a = ', '[', ']'],
  ['objects', 'const a = ', '{a:', '}'],
  ['calls', 'const a = ', 'f(', ')'],
  ['functions', 'const a = ', '(function(){', '})'],
  ['blocks', '', '{', '}'],
  ['template literals', 'const a = ', '`${', '}`'],
])('10,000 levels of %s are left, with the place where it is too much', async (_name, head, open, close) => {
  const { output, facts } = await run(`${head}${open.repeat(10_000)}1${close.repeat(10_000)}${HANDLER}`)
  expect(output).toBeUndefined()
  const fact = 'brackets nest more than 500 deep'
  expect(facts.diagnostics).toMatchObject([{ code: 'UO110', path: 'test/plugin/app.ts', line: 1, fact }])
})

test.each([
  ['additions', 'const a = ', '1+', '1'],
  ['members', 'const a = b', '.c', ''],
  ['calls in a chain', 'const a = b', '.c()', ''],
  ['conditions', 'const a = ', 'b ? 1 : ', '1'],
  ['assignments', 'let a = 1; ', 'a = ', '1'],
  ['arrow functions', 'const a = ', '() => ', '1'],
  ['assertions', 'const a = 1', ' as any', ''],
  ['else-ifs', 'if (a) {} ', 'else if (a) {} ', ''],
])('10,000 %s in a row do not end the build', async (_name, head, link, end) => {
  const { output, facts } = await run(`${head}${link.repeat(10_000)}${end}${HANDLER}`)
  if (!output) expect(facts.diagnostics).toMatchObject([{ code: 'UO110', line: 1, column: 1 }])
})

test('nesting that people write, and brackets in texts, are no reason', async () => {
  const smileys = JSON.stringify(Array.from({ length: 400 }, () => ':('))
  const { output } = await run(`const a = ${'['.repeat(90)}${']'.repeat(90)}, b = ${smileys}${HANDLER}`)
  expect(output?.code).toContain('export { __otel_0 as handler }')
})

test('a module of 5 MB is left', async () => {
  const code = 'function f(a, b) { return { a: a + 1, b: [b, "1"] } }\n'.repeat(100_000) + HANDLER
  const { output, facts } = await run(code)
  expect(output).toBeUndefined()
  const fact = expect.stringContaining('5400038 characters, more than the 2000000 that are read')
  expect(facts.diagnostics).toMatchObject([{ code: 'UO110', line: 1, column: 1, fact }])
})

test.each([
  ['constants', (n: number) => `export const e${n} = ${n}\n`],
  ['functions', (n: number) => `export function e${n}() {}\n`],
  ['functions with comments', (n: number) => `/* ${n} */ export function e${n}() {} // ${n}\n`],
  ['clauses', (n: number) => `const e${n} = ${n}; export { e${n} }\n`],
])('10,000 exported %s: with the square of their number it would take minutes', (_name, line) => {
  const lines = (count: number) => Array.from({ length: count }, (_, n) => line(n)).join('')
  const facts = createFacts('app.ts')
  const { output, wrapped } = transform(lines(10_000) + HANDLER, facts)
  expect(wrapped).toMatchObject([{ name: 'handler', line: 10_002 }])
  expect(output?.code).toContain('as handler')
})

test('the report names the first of thousands', async () => {
  const functions = Array.from({ length: 10_000 }, (_, n) => `export function e${n}() {}\n`).join('')
  const { facts } = await run(functions + HANDLER)
  expect(facts.diagnostics).toHaveLength(21)
  expect(facts.diagnostics.at(-1)).toMatchObject({ path: 'test/plugin/app.ts', fact: '9980 more' })
})
