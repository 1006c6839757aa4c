/** Every file in test/fixtures is one export shape, or one mistake; beside it stands what the build makes of it. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import { describe, expect, test } from 'vitest'
import type { PlatformId } from '../../src/plugin/known-platforms.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import { transform } from '../../src/plugin/transform.ts'
import { createFacts, fixturePath, fixtureReExports } from './facts.ts'

const root = fileURLToPath(new URL('../fixtures/', import.meta.url))

describe.each(readdirSync(root))('%s', (platform) => {
  const folder = `${root}${platform}/`
  const files = readdirSync(folder).filter((file) => !file.endsWith('.out.txt'))
  const snapshotOf = (file: string) => `${folder}${file.replace(/\.\w+$/, '')}.out.txt`

  test('each fixture has a snapshot of its own, and none is left over', () => {
    const snapshots = new Set(files.map(snapshotOf))
    expect(snapshots.size).toBe(files.length)
    const found = readdirSync(folder).filter((file) => file.endsWith('.out.txt'))
    expect(found.filter((file) => !snapshots.has(folder + file))).toEqual([])
  })

  test.each(files.filter((file) => !file.startsWith('error-')))('%s', async (file) => {
    const facts = createFacts(fixturePath(platform, file), {}, platform as PlatformId)
    const { output, wrapped, nearMisses } = transform(readFileSync(folder + file, 'utf8'), facts, fixtureReExports)
    const report = [
      ...wrapped.map(({ name, kind, line }) => `wrapped ${line} ${name} (${kind})\n`),
      ...nearMisses.map(({ name, line, why }) => `left    ${line} ${name}: ${why}\n`),
    ]
    await expect(`${report.join('')}\n${output?.code ?? 'unchanged\n'}`).toMatchFileSnapshot(snapshotOf(file))
    if (!output) return
    expect(transform(output.code, facts)).toEqual({ output: undefined, wrapped: [], nearMisses: [] })
    // As the transform reads it: JSX in `.js`, CommonJS with a `return`.
    const readings = file.endsWith('.js') ? ([{}, { lang: 'jsx' }, { sourceType: 'commonjs' }] as const) : [{}]
    expect(readings.map((options) => parseSync(file, output.code, options).errors)).toContainEqual([])
  })

  test.each(files.filter((file) => file.startsWith('error-')))('%s', async (file) => {
    const options = JSON.parse(readFileSync(folder + file, 'utf8'))
    const error = await Promise.resolve(options).then(resolveOptions).catch(String)
    await expect(`${error}\n`).toMatchFileSnapshot(snapshotOf(file))
  })
})
