/** What a build of 5,000 modules hands to our JavaScript, with every bundler: what its filter says, and nothing more. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createProject, type Module } from './build-cost/modules.ts'
import { names, start } from './build-cost/start.ts'

const COUNT = 5000
/** Of the second project: with so many to transform, Rollup and webpack take half a minute each for 5,000. */
const FEWER = 1000

const cache = path.resolve(import.meta.dirname, '../.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(path.join(cache, 'build-cost-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const known = generate(COUNT)
const included = generate(FEWER)

function generate(count: number) {
  const root = path.join(folder, String(count))
  return { root, ...createProject(root, count) }
}

const isEntry = ({ path }: Module) => ['src/index.js', 'src/silent.js'].includes(path)
const isScript = ({ path }: Module) => /\.m?js$/.test(path)
const isIncluded = ({ path }: Module) => path.startsWith('src/even/')
/** As words, and not in a comment: the generated modules have none. */
const hasWords = ({ code }: Module) => ['import ', 'export '].some((word) => code.includes(word))

type Test = (module: Module) => boolean
interface Filter {
  /** What the bundler itself can ask before it calls into JavaScript. */
  readonly asked: (id: Test) => Test
  /** The id of what may be transformed, where entries are globs. */
  readonly wide: Test
}
const byIdAndCode: Filter = { asked: (id) => (module) => id(module) && hasWords(module), wide: isScript }
/** Its filter has no code: that is asked in JavaScript, before our handler. */
const byId: Filter = { asked: (id) => id, wide: isIncluded }
const FILTERS: Readonly<Record<string, Filter>> = {
  vite: byIdAndCode,
  rollup: byIdAndCode,
  rolldown: byIdAndCode,
  // Rules are tested with the module's name, so that a loader is only there for what it is for.
  webpack: byId,
  rspack: byId,
  // Their filters are regular expressions only.
  esbuild: { ...byId, asked: (id) => (module) => id(module) || (id === isIncluded && isScript(module)) },
  farm: { ...byId, asked: (id) => (module) => id(module) || (id === isIncluded && isScript(module)) },
  bun: { ...byId, asked: (id) => (module) => id(module) || (id === isIncluded && isScript(module)) },
}

test('the generated modules are of each kind', () => {
  const of = (kind: Test) => known.modules.filter(kind).length
  expect(known.modules).toHaveLength(COUNT + 2)
  expect(of(({ path }) => path.startsWith('node_modules/'))).toBe(500)
  expect(of((module) => isScript(module) && !hasWords(module))).toBeGreaterThan(50)
  expect(of((module) => !isScript(module) && /\bimport\b/.test(module.code))).toBeGreaterThan(50)
  expect(of((module) => isEntry(module) && !hasWords(module))).toBe(1)
})

test.each(names)(
  '%s: known entries are all that is handed over, and all that is looked up is ours',
  async (bundler) => {
    const { counts } = await count(bundler, known, {})
    const ids = idsOf(known)
    // Also of the runtime, which is bundled with them, nothing.
    expect(counts.asked.toSorted()).toEqual(ids(FILTERS[bundler]!.asked(isEntry)))
    expect(counts.handed.toSorted()).toEqual(ids((module) => isEntry(module) && hasWords(module)))
    expect(counts.parsed).toEqual(['src/index.js'])
    // webpack is JavaScript itself.
    const resolved = bundler === 'webpack' ? [] : counts.resolved
    const ours = /^(unplugin-otel\/runtime\/[\w/-]+|@opentelemetry\/api|node:async_hooks)$/
    expect(resolved.filter((specifier) => !ours.test(specifier))).toEqual([])
  },
)

test.each(names)('%s: of what `include` names, each module is parsed once', async (bundler) => {
  const { counts } = await count(bundler, included, { include: ['src/even/*'] })
  const { asked, wide } = FILTERS[bundler]!
  const ids = idsOf(included)
  // Those of the runtime have such names, too.
  const ofProject = (all: readonly string[]) => all.filter((id) => id.startsWith(included.root)).toSorted()
  expect(ofProject(counts.asked)).toEqual(ids(asked(wide)))
  expect(ofProject(counts.handed)).toEqual(ids((module) => wide(module) && hasWords(module)))
  const parsed = counts.parsed.map((file) => path.join(included.root, file)).toSorted()
  expect(parsed).toEqual(ids((module) => isIncluded(module) && isScript(module) && hasWords(module)))
})

type Project = ReturnType<typeof generate>

function idsOf({ root, modules }: Project): (kind: Test) => string[] {
  return (kind) =>
    modules
      .filter(kind)
      .map((module) => path.join(root, module.path))
      .toSorted()
}

function count(bundler: string, { root, entries }: Project, options: object) {
  return start(bundler, {
    root,
    entries,
    outdir: path.join(folder, bundler),
    options,
    builds: ['plugin'],
    isCounted: true,
  })
}
