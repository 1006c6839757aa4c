/**
 * Next.js reads the configuration of a module from its text, before anything runs, and takes only literals in a
 * statement of their own: https://nextjs.org/docs/app/api-reference/file-conventions/route-segment-config
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'
import { transform } from '../../src/plugin/transform.ts'
import { createFacts, fixturePath } from './facts.ts'

const folder = fileURLToPath(new URL('../fixtures/nextjs/', import.meta.url))

/** The text of each `export` of a single variable or function, by name. */
function exportsOf(file: string, code: string): Map<string, string> {
  const options = file.endsWith('.js') ? ({ lang: 'jsx' } as const) : {}
  const found = new Map<string, string>()
  for (const statement of parseSync(file, code, options).program.body) {
    if (statement.type !== 'ExportNamedDeclaration' || !statement.declaration) continue
    const { declaration } = statement
    const [only, ...others] = declaration.type === 'VariableDeclaration' ? declaration.declarations : [declaration]
    if (others.length > 0 || !only || !('id' in only) || only.id?.type !== 'Identifier') continue
    // Where the user's last statement has no semicolon, the one that ends it is ours.
    found.set(only.id.name, code.slice(statement.start, statement.end).replace(/\n\n;$/, ''))
  }
  return found
}

const cases = readdirSync(folder)
  .filter((file) => !file.endsWith('.txt'))
  .map((file) => {
    const code = readFileSync(folder + file, 'utf8')
    const { output, wrapped } = transform(code, createFacts(fixturePath('nextjs', file), {}, 'nextjs'))
    const before = exportsOf(file, code)
    for (const { name } of wrapped) before.delete(name)
    return { file, output: output?.code, before }
  })
  .filter(({ output, before }) => output && before.size > 0)

test.each(cases)('$file: what is no handler is the same statement, byte for byte', ({ file, output, before }) => {
  const after = exportsOf(file, output!)
  for (const [name, text] of before) expect([name, after.get(name)]).toEqual([name, text])
})

test('all that Next reads is in a fixture', () => {
  const names = new Set(cases.flatMap(({ before }) => [...before.keys()]))
  const segment = ['runtime', 'dynamic', 'dynamicParams', 'revalidate', 'fetchCache', 'maxDuration', 'preferredRegion']
  expect([...segment, 'generateStaticParams', 'config'].filter((name) => !names.has(name))).toEqual([])
  const configs = cases.map(({ before }) => before.get('config') ?? '')
  for (const key of ['matcher', 'api:', 'runtime']) expect(configs.some((text) => text.includes(key))).toBe(true)
})
