/** When Rolldown may be told the entries before it resolves them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { areKnown } from '../../src/plugin/known-entries.ts'

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'otel-known-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'src/orders'), { recursive: true })
  mkdirSync(join(folder, 'browser'))
  writeFileSync(join(folder, 'browser/handler.js'), '')
  writeFileSync(join(folder, 'browser/package.json'), '{ "browser": { "./handler.js": "./other.js" } }')
  writeFileSync(join(folder, 'package.json'), '{ "browser": "lib/index.js" }')
  for (const file of ['handler.ts', 'orders/index.js']) writeFileSync(join(folder, 'src', file), '')
  return folder
}

const resolveId = () => null
const OURS = { name: 'unplugin-otel', resolveId, options: () => {} }

test.each<[string, boolean, string[], unknown?, (string | RegExp)[]?]>([
  ['a file', true, ['src/handler.ts']],
  ['beside our plugin', true, ['./src/handler.ts', 'src/orders/index.js'], [OURS]],
  ['without its extension', false, ['src/handler']],
  ['a folder', false, ['src/orders']],
  ['one that a browser field may replace', false, ['browser/handler.js']],
  ['no file', false, ['src/handler.ts', 'src/gone.ts']],
  ['virtual', false, ['virtual:entry']],
  ['a package', false, ['orders']],
  ['an alias for another', true, ['src/handler.ts'], [], ['lib', /^@app/]],
  ['an alias of it', false, ['src/handler.ts'], [], ['src']],
  ['an alias by an expression', false, ['src/handler.ts'], [], [/handler/]],
  ['a plugin that resolves', false, ['src/handler.ts'], [[null, { name: 'x', resolveId }]]],
  [
    'one that resolves others',
    true,
    ['src/handler.ts'],
    [{ name: 'x', resolveId: { filter: { id: /^@/ }, resolveId } }],
  ],
  ['one whose filter is not read', false, ['src/handler.ts'], [{ name: 'x', resolveId: { filter: { id: 'lib/**' } } }]],
  ['one that names entries', false, ['src/handler.ts'], [{ name: 'x', options() {} }]],
  [
    "the bundler's own",
    true,
    ['src/handler.ts'],
    [
      { name: 'builtin:x', resolveId },
      { name: 'vite:define', options() {} },
    ],
  ],
  ['one that has the name of a part of Vite', false, ['src/handler.ts'], [{ name: 'vite:y', resolveId }]],
  ['one that is loaded later', false, ['src/handler.ts'], [Promise.resolve(OURS)]],
])('%s: %s', (_name, expected, inputs, plugins = [], aliases = []) => {
  expect(areKnown(inputs, createFolder(), plugins, aliases)).toBe(expected)
})
