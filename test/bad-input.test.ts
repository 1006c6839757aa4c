/** What a build is given by mistake, or by a generator: it ends as without the plugin, and says where it left what. */
import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildBoth, createProject, exportsOf, type Built } from './bad-input/build.ts'
import { sources, type Fate } from './bad-input/sources.ts'
import { starExports } from './bad-input/star-exports.ts'
import { tier1, tier2 } from './bundlers/index.ts'

const HANDLER = 'export const handler = async () => 1\n'

/** File, name and line of each handler: wrappers are told. */
const wrappedIn = ({ output }: Built) =>
  Object.values(output).flatMap((code) =>
    Array.from(
      code.matchAll(/"?file"?:\s*"([^"]*)",\s*"?name"?:\s*"([^"]*)",\s*"?line"?:\s*(\d+)/g),
      ([, file, name, line]) => `${file}:${line} ${name}`,
    ),
  )

function expectSameEnd(plain: Built, wrapped: Built): void {
  expect(wrapped.error).toBe(plain.error)
  expect(wrapped.output).toEqual(plain.output)
}

function expectFate(plain: Built, wrapped: Built, fate: Fate): void {
  if (fate === 'wrapped' && plain.error === undefined) {
    expect(wrappedIn(wrapped)).toContainEqual(expect.stringMatching(/^src\/index\.ts:\d+ (handler|default)$/))
    expect(exportsOf(wrapped)).toEqual(exportsOf(plain))
    return
  }
  expectSameEnd(plain, wrapped)
  // Of what cannot be built, the bundler has said enough.
  if (plain.error === undefined) expect(wrapped.said).toMatch(fate as RegExp)
  else expect(wrapped.said).not.toContain('unplugin-otel')
}

describe.each(Object.keys(tier1))('%s', (name) => {
  test.each(Object.entries(sources))('%s', async (_case, { content, fate, but }) => {
    const { plain, wrapped } = await buildBoth(name, createProject({ 'src/index.ts': content }))
    expectFate(plain, wrapped, but?.[name] ?? fate)
  })

  test.each(Object.entries(starExports))('export *: %s', async (_case, files) => {
    const { plain, wrapped } = await buildBoth(name, createProject(files))
    // Where a module has been wrapped, positions in it are others.
    const toMessage = ({ error }: Built) => error?.match(/.*missing/)?.[0].replace(/:\d+:\d+/, '') ?? error
    expect(toMessage(wrapped)).toBe(toMessage(plain))
    if (plain.error === undefined && wrappedIn(wrapped).length === 0) expectSameEnd(plain, wrapped)
  })

  test.each([false, true])('links, preserved: %s', async (preserveSymlinks) => {
    const root = createProject({ 'real/index.ts': `import './other'\n${HANDLER}`, 'real/other.ts': HANDLER })
    symlinkSync('real', path.join(root, 'src'))
    const folder = await buildBoth(name, root, { preserveSymlinks })
    expect([folder.wrapped.error, wrappedIn(folder.wrapped)]).toEqual([folder.plain.error, ['src/index.ts:2 handler']])
    mkdirSync(path.join(root, 'links'))
    symlinkSync('../real/other.ts', path.join(root, 'links/entry.ts'))
    const file = await buildBoth(name, root, {
      preserveSymlinks,
      entries: { index: path.join(root, 'links/entry.ts') },
    })
    expect([file.wrapped.error, wrappedIn(file.wrapped)]).toEqual([file.plain.error, ['links/entry.ts:1 handler']])
  })

  test('a folder called index.ts', async () => {
    const { plain, wrapped } = await buildBoth(name, createProject({ 'src/index.ts/index.ts': HANDLER }))
    expect(wrapped.error).toBe(plain.error)
    if (plain.error === undefined) expect(wrappedIn(wrapped)).toHaveLength(1)
  })

  test('an entry that is not there', async () => {
    const { plain, wrapped } = await buildBoth(name, createProject({}))
    expect(plain.error).toBeDefined()
    expectSameEnd(plain, wrapped)
  })
})

/** Of the bundlers that read as those above do; a build of Farm takes seconds. */
const FEW = ['a syntax error', 'Latin-1 in a string', 'empty', 'nested deep', 'keywords as names']

test.each(
  Object.keys(tier2)
    .filter((name) => name !== 'farm')
    .flatMap((name) => FEW.map((source) => [name, source, sources[source]!] as const)),
)('%s: %s', async (name, _source, { content, fate, but }) => {
  const { plain, wrapped } = await buildBoth(name, createProject({ 'src/index.ts': content }))
  expectFate(plain, wrapped, but?.[name] ?? fate)
})

// Rollup and webpack themselves take half a minute and more.
test.each(['esbuild', 'vite'])('%s: 5 MB', async (name) => {
  const lines = Array.from({ length: 100_000 }, (_, n) => `function f${n}(a, b) { return { a: a + 1, b: [b, 1] } }\n`)
  const root = createProject({ 'src/index.ts': lines.join('') + HANDLER })
  const { plain, wrapped } = await buildBoth(name, root)
  expectSameEnd(plain, wrapped)
  expect(wrapped.said).toMatch(/src\/index\.ts:1:1 \d+ characters, more than the 2000000 that are read/)
})
