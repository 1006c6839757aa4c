/** The tree is the same whichever way the parser hands it over. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import { beforeAll, expect, test } from 'vitest'
import { parse } from '../../src/plugin/parse.ts'

const root = fileURLToPath(new URL('../fixtures/', import.meta.url))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /\.[cm]?[jt]sx?$/.test(file))

// Enough for the second way.
beforeAll(() => void parse('a.ts', `// ${'a'.repeat(200_000)}`))

test.each(files)('%s', (file) => {
  const code = readFileSync(root + file, 'utf8')
  const { program, comments, errors } = parse(file, code)
  const ways = [{}, { lang: 'jsx' }, { sourceType: 'commonjs' }] as const
  const byJson = ways.map((options) => parseSync(file, code, options))
  const expected = byJson.find((result) => result.errors.length === 0) ?? byJson[0]!
  expect(JSON.stringify([program, comments, errors])).toBe(
    JSON.stringify([expected.program, expected.comments, expected.errors]),
  )
})
