/** `export * from`: which names it brings, and what is said where nobody can know. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { relativeResolve } from '../../src/plugin/importing.ts'
import { findReExports } from '../../src/plugin/re-exports.ts'

let folder: string
let watched: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'otel-stars-'))
  watched = []
})
afterEach(() => rmSync(folder, { recursive: true }))

function reExports(files: Readonly<Record<string, string>>, mayWrap: (name: string) => boolean = () => false) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const watch = (file: string) => void watched.push(file.slice(folder.length + 1))
  return findReExports(files['entry.ts']!, join(folder, 'entry.ts'), { resolve: relativeResolve, watch }, mayWrap)
}

const stars = async (files: Readonly<Record<string, string>>) => (await reExports(files)).stars

test('a module without one is not parsed', async () => {
  expect(await reExports({ 'entry.ts': 'export const handler = 2 * 3 }' })).toEqual({ stars: {}, types: [] })
})

test('names of values, also those that come from further modules; `default` never does', async () => {
  const found = await stars({
    'entry.ts': "export * from './orders'\nexport type * from './types'\nexport * as ns from './missing'",
    'orders/index.ts': "export default 1\nexport type Order = 1\nexport const table = 1\nexport * from './deep.js'",
    'orders/deep.ts': "export async function handler() {}\nexport { type A, b as 'my-handler' } from '../far'",
  })
  expect(found).toEqual({ './orders': { names: ['table', 'handler', 'my-handler'] } })
  expect(watched).toEqual(['orders/index.ts', 'orders/deep.ts'])
})

test.each([
  ['itself', { 'entry.ts': "export * from './entry'\nexport const handler = 1" }],
  ['two', { 'entry.ts': "export * from './a'", 'a.ts': "export * from './entry'\nexport const handler = 1" }],
  [
    'three',
    {
      'entry.ts': "export * from './a'",
      'a.ts': "export * from './b'",
      'b.ts': "export * from './a'; export const h = 1",
    },
  ],
])('a circle of %s ends', async (_, files) => {
  expect(Object.values(await stars(files)).every(({ why }) => why === undefined)).toBe(true)
})

test('a name of two modules is exported by neither, unless both have it from the same', async () => {
  const found = await stars({
    'entry.ts': "export * from './a'\nexport * from './b'",
    'a.ts': "export { handler } from './impl'\nexport const main = 1, own = 1",
    'b.ts': "export { handler } from './impl'\nexport const main = 2",
    'impl.ts': 'export const handler = () => 1',
  })
  expect(found).toEqual({
    './a': { names: ['handler', 'own'], why: "'main' is in './b', too" },
    './b': { names: ['handler'], why: "'main' is in './a', too" },
  })
})

test('a name of two modules is exported by neither further away, too', async () => {
  const found = await stars({
    'entry.ts': "export * from './all'",
    'all.ts': "export * from './a'\nexport * from './b'\nexport const own = 1",
    'a.ts': "export { handler } from './impl'\nexport const main = 1, own = 2",
    'b.ts': "export { handler } from './impl'\nexport const main = 2",
    'impl.ts': 'export const handler = () => 1',
  })
  expect(found).toEqual({
    './all': { names: ['own', 'handler'], why: "'main' is in './b', too; 'main' is in './a', too" },
  })
})

test('types, with or without `type`, are no names, and a module that has nothing else is worth no word', async () => {
  const found = await stars({
    'entry.ts': "export * from './all'\nexport * from './types'",
    'all.ts': `import run from './run'
      import { Env, work } from './types-and-values'
      import * as every from './types'
      type Local = 1
      export { Env, run, work, every, Local }
      export { Body, Body as Renamed, table } from './types-and-values'
      export * as Types from './types'
      export { Unknown } from 'a-package'`,
    'types-and-values.ts': "export const work = 1\nexport * from './far'",
    'run.ts': 'export default 1',
    'far.ts': "export { Env, Body } from './types'\nexport const table = 1",
    'types.ts': 'export interface Env {}\nexport type Body = 1',
  })
  expect(found).toEqual({
    './all': { names: ['run', 'work', 'every', 'table', 'Types', 'Unknown'] },
    './types': { names: [] },
  })
})

test.each([
  ["export * from './missing'", "'./missing' leads to no file"],
  ["export * from 'a-package'", "'a-package' leads to no file"],
  ["export * from './data.json'", "'./data.json' is not a module of JavaScript or TypeScript"],
  ["export * from './commonjs.js'", "'./commonjs.js' is no ES module"],
  ["export * from './broken.ts'", "'./broken.ts' is no ES module"],
  ["export * from './0.ts'", "'./8.ts' is more than 8 modules away"],
])('%s: %s', async (entry, why) => {
  const chain = Array.from({ length: 12 }, (_, n) => [`${n}.ts`, `export * from './${n + 1}.ts'`])
  const files = { 'data.json': '{}', 'commonjs.js': 'exports.handler = 1', 'broken.ts': 'export const = 1' }
  const [[, star] = []] = Object.entries(await stars({ ...Object.fromEntries(chain), ...files, 'entry.ts': entry }))
  expect(star).toEqual({ names: [], why })
})

test('types that are exported from other modules without saying so', async () => {
  const files = {
    'entry.ts':
      "import { type Room, Env } from './types'\nexport { Env, Room }\nexport { Hall, Door as Gate } from './types'",
    'types.ts': 'export interface Env {}\nexport class Hall {}\nexport type Door = 1\nexport class Room {}',
  }
  expect((await reExports(files, () => true)).types).toEqual(['Env', 'Gate'])
  expect((await reExports(files, (name) => name === 'Gate')).types).toEqual(['Gate'])
})
