/** What logs, reports and caches of a build show of a project: no key that is written in it. */
import { expect, test } from 'vitest'
import { cacheKey } from '../../src/plugin/cache-key.ts'
import { createPipeline } from '../../src/plugin/index.ts'
import { parse } from '../../src/plugin/parse.ts'
import { withoutTexts } from '../../src/plugin/without-texts.ts'
import type { BundlerFacts } from '../../src/plugin/project.ts'

test.each([
  ["new E({ url: 'k3y', 'x-k': \"k3y\" })", "new E({ url: '***', 'x-k': \"***\" })"],
  ['f(`Bearer ${k}k3y`, `k3y`, `a${`k3y`}`)', 'f(`*******${k}***`, `***`, `*${`***`}`)'],
  ["import './a'; export * from 'b'; require('c'); p['d']()", undefined],
  ["r(/'/, 'k3y') // don't 'k3y'", "r(/'/, '***') // don'**'k3y'"],
  ["f(\n  'k3y',\n  `k3y\nk3y`)", "f(\n  '***',\n  `***\n***`)"],
  ["it does not parse: 'k3y', `k3y`", "it does not parse: '***', `***`"],
])('%s', (code, expected = code) => {
  for (const file of ['a.ts', 'a.js']) {
    const tree = parse(file, code)
    const shown = withoutTexts(code, tree.errors.length > 0 ? undefined : tree)
    expect(shown).toBe(expected)
    expect(shown).toHaveLength(code.length)
  }
})

test('the key of a persistent cache, which bundlers write down, has nothing of the files that it stands for', () => {
  const bundler: BundlerFacts = {
    name: 'webpack',
    root: import.meta.dirname,
    platform: 'node',
    format: 'cjs',
    topLevelAwait: false,
    appends: true,
    conditions: [],
    entries: [],
    plugins: [],
    files: { 'serverless.yml': 'environment: { KEY: k3y }' },
  }
  const keyOf = (facts: Partial<BundlerFacts>) => cacheKey(createPipeline({ enabled: true }, { ...bundler, ...facts }))
  expect(keyOf({})).not.toContain('k3y')
  expect(keyOf({})).toBe(keyOf({}))
  expect(keyOf({})).not.toBe(keyOf({ files: { 'serverless.yml': 'environment: { KEY: k3y2 }' } }))
})
