/** Every message has a code, every code is explained, and the page is the source's. */
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseSync, Visitor, type CallExpression, type NewExpression } from 'oxc-parser'
import { expect, test } from 'vitest'
import { buildCodes } from '../../src/plugin/report/build-codes.ts'
import { runCodes } from '../../src/plugin/report/run-codes.ts'
import { errorsPage } from '../../tools/errors-docs.ts'

const root = resolve(import.meta.dirname, '../..')

/** Where a code is said, and not only explained. */
function codesIn(folders: string): string[] {
  const files = globSync(`src/${folders}/**/*.ts`, { cwd: root }).filter((file) => !file.endsWith('-codes.ts'))
  const found = files.flatMap((file) => readFileSync(join(root, file), 'utf8').match(/\bUO\d{3}\b/g) ?? [])
  return [...new Set(found)].toSorted()
}

test('docs/errors.md is what the source says', () => {
  expect(readFileSync(join(root, 'docs/errors.md'), 'utf8')).toBe(errorsPage())
})

test('what a build says is what is explained', () => {
  // `explain` also says what a function will say.
  const explained = [...Object.keys(buildCodes), ...Object.keys(runCodes)]
  expect(explained).toEqual(expect.arrayContaining(codesIn('cli')))
  const own = codesIn('{plugin,cli}').filter((code) => code.startsWith('UO1'))
  expect(own).toEqual(Object.keys(buildCodes))
})

test('what a function says is what is explained', () => {
  expect(codesIn('runtime')).toEqual(Object.keys(runCodes))
})

/** The calls of what says something, each to its own closing parenthesis. */
function saidIn(file: string, code: string): string[] {
  const calls: string[] = []
  const { program } = parseSync(file, code)
  const add = (name: string, { callee, start, end }: CallExpression | NewExpression) => {
    if (callee.type === 'Identifier' && callee.name === name) calls.push(code.slice(start, end))
  }
  new Visitor({
    NewExpression: (node) => add('PluginError', node),
    CallExpression: (node) => add('warnOnce', node),
  }).visit(program)
  return calls
}

test('nothing is said without one', () => {
  const said = globSync('src/{plugin,runtime}/**/*.ts', { cwd: root }).flatMap((file) =>
    saidIn(file, readFileSync(join(root, file), 'utf8')),
  )
  expect(said.length).toBeGreaterThan(10)
  for (const call of said) expect(call).toMatch(/UO\d{3}/)
})

test('a code after the end of a call is not its own', () => {
  const code = "throw new PluginError('a) UO1', `(${b}`)\nwarnOnce('UO201', c(d))\n"
  expect(saidIn('a.ts', code)).toEqual(["new PluginError('a) UO1', `(${b}`)", "warnOnce('UO201', c(d))"])
})
