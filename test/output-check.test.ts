/** What is said of the finished output: by every bundler where it is broken, by none where it is not. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build as esbuild, type BuildOptions, type Plugin } from 'esbuild'
import otel from 'unplugin-otel/esbuild'
import rollupOtel, { type Options } from 'unplugin-otel/rollup'
import viteOtel from 'unplugin-otel/vite'
import { build as viteBuild } from 'vite'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { encoded, installed } from './bundlers/build.ts'
import { tier1, tier2, type Build } from './bundlers/index.ts'
import { createViteLogger } from './vite-logger.ts'

const root = path.resolve(import.meta.dirname, '..')
const bundlers = { ...tier1, ...tier2 }

const HANDLER = `import { trace } from '@opentelemetry/api'
import { traced } from 'unplugin-otel/runtime'
export const handler = () => traced('work', () => trace.getActiveSpan())
`
const LATER = `export const handler = async () => (await import('./index.js')).handler()
`
const NONE = 'export const table = { a: 1 }\n'

function createFolder(parent: string): string {
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(path.join(parent, 'output-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function createProject(files: Readonly<Record<string, string>>, dependency = '@types/aws-lambda'): string {
  const folder = createFolder(path.join(root, '.cache'))
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  const manifest = JSON.stringify({ type: 'module', devDependencies: { [dependency]: '*' } })
  for (const [name, text] of Object.entries({ 'package.json': manifest, ...files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  return folder
}

/** @returns all that it says */
async function buildWith(name: string, sources: Readonly<Record<string, string>>, given: Partial<Build> = {}) {
  const folder = createProject(
    Object.fromEntries(Object.entries(sources).map(([file, text]) => [`src/${file}.js`, text])),
  )
  const entries = Object.fromEntries(Object.keys(sources).map((file) => [file, path.join(folder, `src/${file}.js`)]))
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder)
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const outdir = createFolder(tmpdir())
    const warnings = await bundlers[name]!({ root: folder, entries, outdir, format: 'esm', otel: {}, ...given })
    return [...warnings, ...printed.mock.calls.map(([text]) => String(text))].join('\n')
  } finally {
    cwd.mockRestore()
    printed.mockRestore()
  }
}

const UO12 = /UO12\d/

describe.each(Object.keys(bundlers))('%s', (name) => {
  test.each([
    ['ES module', { index: HANDLER }, {}],
    ['CommonJS, with a footer', { index: HANDLER }, { format: 'cjs' }],
    ['minified', { index: HANDLER }, { minify: true }],
    ['minified CommonJS', { index: HANDLER }, { minify: true, format: 'cjs' }],
    ['several entries, one without handlers', { index: HANDLER, later: LATER, none: NONE }, {}],
    ['several entries in CommonJS', { index: HANDLER, later: LATER, none: NONE }, { format: 'cjs' }],
    ['all packages inside', { index: HANDLER, later: LATER }, { bundled: true }],
  ] satisfies [string, Record<string, string>, Partial<Build>][])(
    '%s: nothing is said',
    async (_title, sources, given) => {
      const said = await buildWith(name, sources, { ...given, otel: { strict: true } })
      expect(said).not.toMatch(UO12)
      // Its build is a silent one.
      if (name !== 'esbuild') expect(said).toMatch(/wrapped {2}src\/index\.js:3:14 handler/)
    },
  )

  test('the runtime is kept outside: said, and under strict an error', async () => {
    const expected = /imports unplugin-otel\/runtime\S*, unplugin-otel\/runtime\S* and \d more[^]*UO123/
    const broken = { broken: 'external' } as const
    expect(await buildWith(name, { index: HANDLER }, broken)).toMatch(expected)
    await expect(buildWith(name, { index: HANDLER }, { ...broken, otel: { strict: true } })).rejects.toThrow(expected)
    expect(await buildWith(name, { index: HANDLER }, { ...broken, format: 'cjs' })).toMatch(expected)
  })

  // Bun has no step after the plugin.
  test.skipIf(name === 'bun')('a later step takes the code away: said, and under strict an error', async () => {
    const expected = /index\.mjs its handlers were wrapped, and the runtime that does it is not in it[^]*UO120/
    const broken = { broken: 'stripped' } as const
    const said = await buildWith(name, { index: HANDLER }, broken)
    expect(said).toMatch(expected)
    expect(said.match(/UO120 https/g)).toHaveLength(1)
    expect(said.match(/wrapped {2}src/g)).toHaveLength(1)
    await expect(buildWith(name, { index: HANDLER }, { ...broken, otel: { strict: true } })).rejects.toThrow(expected)
  })
})

test.each(['rollup', 'rolldown', 'vite', 'webpack', 'rspack'])(
  '%s: a later step encodes strings, and the bundler tells what is in its output',
  async (name) => {
    const given = { broken: 'encoded', otel: { strict: true } } as const
    expect(await buildWith(name, { index: HANDLER }, given)).not.toMatch(UO12)
    expect(await buildWith(name, { index: HANDLER, later: LATER }, { ...given, format: 'cjs' })).not.toMatch(UO12)
  },
)

describe.each(['webpack', 'rspack'])('%s', (name) => {
  test('an entry that depends on others has what they have', async () => {
    const entries = {
      a: { import: './src/a.js', dependOn: 'between' },
      between: { import: './src/between.js', dependOn: 'shared' },
      shared: './src/shared.js',
    }
    const sources = { a: HANDLER, between: NONE, shared: HANDLER }
    const given = { entries: entries as never, otel: { strict: true }, format: 'cjs' } as const
    expect(await buildWith(name, sources, given)).toMatch(/wrapped {2}src\/a\.js:3:14 handler/)
    const broken = await buildWith(name, sources, { ...given, otel: {}, broken: 'stripped' })
    expect(broken.match(/UO120 https/g)).toHaveLength(2)
  })

  test('entries that a function makes are not told: what to do is said, and does it', async () => {
    const entries = (() => ({ index: './src/index.js' })) as never
    const given = { entries, format: 'cjs' } as const
    const said = await buildWith(name, { index: HANDLER }, given)
    expect(said).toContain(`, but ${name} tells no entries, as where they come from a function or stdin`)
    expect(said).toContain("include: ['src/app.js']")
    const included = await buildWith(name, { index: HANDLER }, { ...given, otel: { include: ['src/index.js'] } })
    expect(included).toMatch(/wrapped {2}src\/index\.js:3:14 handler/)
  })

  test.each(['?q=1', '#frag'])('an entry with %s', async (suffix) => {
    const entries = { index: `./src/index.js${suffix}` }
    const said = await buildWith(name, { index: HANDLER }, { entries, format: 'cjs', otel: { strict: true } })
    expect(said).toMatch(/wrapped {2}src\/index\.js:3:14 handler/)
  })
})

/** With everything that esbuild itself knows of. */
async function buildWithEsbuild(files: Readonly<Record<string, string>>, own: BuildOptions, options: Options = {}) {
  const folder = createProject(files, own.conditions ? '@cloudflare/workers-types' : undefined)
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const { errors, warnings } = await esbuild({
      absWorkingDir: folder,
      entryPoints: ['src/index.js'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
      ...own,
      plugins: [...(own.plugins ?? []), otel({ enabled: true, ...options })],
    })
    return [...errors, ...warnings].map(({ text }) => text).join('\n')
  } finally {
    printed.mockRestore()
  }
}

describe('esbuild tells its output', () => {
  const outside: BuildOptions['plugins'] = [
    {
      name: 'outside',
      setup: ({ onResolve }) =>
        onResolve({ filter: /^unplugin-otel\/runtime/ }, ({ path: id }) => ({ path: id, external: true })),
    },
  ]
  const SOURCES = { 'src/index.js': HANDLER, 'src/deep/b.ts': HANDLER, 'lib/c.js': HANDLER }
  const entryPoints = Object.keys(SOURCES)

  test.each<[title: string, own: BuildOptions, files: string[]]>([
    ['one file', { outfile: 'out/index.mjs' }, ['out/index.mjs']],
    ['a folder', { outdir: 'out', outExtension: { '.js': '.mjs' } }, ['out/index.mjs']],
    ['an entry without its extension', { outdir: 'out', entryPoints: ['./src/index'] }, ['out/index.js']],
    ['folders', { outdir: 'out', entryPoints }, ['out/src/index.js', 'out/src/deep/b.js', 'out/lib/c.js']],
    ['below outbase', { outdir: 'out', outbase: 'src', entryPoints: ['src/deep/b.ts'] }, ['out/deep/b.js']],
    ['names', { outdir: 'out', entryPoints: { 'a/x': 'src/index.js', y: 'lib/c.js' } }, ['out/a/x.js', 'out/y.js']],
    ['a list of names', { outdir: 'out', entryPoints: [{ in: 'src/index.js', out: 'x' }] }, ['out/x.js']],
    ['in memory', { outdir: 'out', write: false }, ['out/index.js']],
    ['with a metafile', { outdir: 'out', metafile: true, entryNames: '[name]-[hash]' }, ['out/index-']],
    ['in memory, with a metafile', { outdir: 'out', metafile: true, write: false }, ['out/index.js']],
    ['split', { outdir: 'out', splitting: true, entryPoints: ['src/index.js', 'lib/c.js'] }, ['out/src/index.js']],
  ])('%s', async (_title, own, files) => {
    expect(await buildWithEsbuild(SOURCES, { ...own, minify: true }, { strict: true })).toBe('')
    const said = await buildWithEsbuild(SOURCES, { ...own, plugins: outside })
    for (const file of files) expect(said).toContain(`[unplugin-otel] ${file}`)
    expect(said.match(/imports unplugin-otel/g)?.length).toBeGreaterThanOrEqual(files.length)
  })

  test.each<[title: string, own: BuildOptions]>([
    ['an address', { publicPath: 'https://cdn.example/a' }],
    ['an address that ends with a slash', { publicPath: 'file:///orders/out/' }],
    ['a path', { publicPath: '/' }],
    ['an address, with a metafile', { publicPath: 'https://cdn.example/a', metafile: true }],
    ['folders of entries and chunks', { publicPath: '/x', chunkNames: 'deep/[name]-[hash]' }],
  ])('chunks that are published elsewhere: %s', async (_title, own) => {
    const split = { outdir: 'out', splitting: true, entryPoints, minify: true, ...own }
    expect(await buildWithEsbuild(SOURCES, split, { strict: true })).toBe('')
  })

  test('not where hashes name it, nor for a pattern: then nothing is said', async () => {
    const unknown = { outdir: 'out', plugins: outside }
    expect(await buildWithEsbuild(SOURCES, { ...unknown, entryNames: '[name]-[hash]' })).toBe('')
    expect(await buildWithEsbuild(SOURCES, { ...unknown, entryPoints: ['src/*.js'] })).not.toContain('UO123')
  })

  test('a later step encodes strings: the metafile tells what is in the output', async () => {
    const later: Plugin = {
      name: 'later',
      setup: ({ onEnd }) =>
        onEnd(({ outputFiles = [] }) => {
          for (const file of outputFiles) {
            const text = encoded(file.text)
            Object.defineProperty(file, 'text', { value: text })
          }
        }),
    }
    const own = { outdir: 'out', write: false, plugins: [later] }
    expect(await buildWithEsbuild(SOURCES, { ...own, metafile: true, minify: true }, { strict: true })).toBe('')
    expect(await buildWithEsbuild(SOURCES, own)).toContain('UO120')
  })

  test('stdin: nobody tells what is in it', async () => {
    const stdin = { contents: HANDLER, resolveDir: root }
    const own: BuildOptions = { outfile: 'out/index.mjs', entryPoints: [], stdin }
    const said = await buildWithEsbuild(SOURCES, own)
    expect(said).toMatch(/but esbuild tells no entries[^]*include: \['src\/app\.js'\]/)
  })

  test('a build that does not bundle leaves the runtime outside', async () => {
    expect(await buildWithEsbuild(SOURCES, { outdir: 'out', bundle: false })).toMatch(/index\.js imports[^]*UO123/)
  })
})

describe('a Worker', () => {
  const worker = (imports: string) =>
    `${imports}export default { fetch: () => new Response('ok') }\nexport const other = typeof kept\n`
  const NODE = "import { setup as kept } from 'unplugin-otel/runtime/node'\nglobalThis.kept = kept({}, {}, {}, {})\n"
  const own: BuildOptions = { outfile: 'out/index.mjs', platform: 'browser', conditions: ['workerd', 'worker'] }

  test('as it is meant to be: nothing is said', async () => {
    const files = { 'src/index.js': worker('') }
    expect(await buildWithEsbuild(files, own, { strict: false })).toBe('')
    expect(await buildWithEsbuild(files, { ...own, minify: true })).toBe('')
  })

  test('with the runtime for Node', async () => {
    const said = await buildWithEsbuild({ 'src/index.js': worker(NODE) }, { ...own, minify: true })
    expect(said).toMatch(/index\.mjs the target is edge, and the runtime for Node is in it[^]*UO121/)
  })
})

describe('the API', () => {
  /** What a package has in it that was bundled before it was published. */
  async function bundleApi(folder: string): Promise<string> {
    const outfile = path.join(createFolder(folder), 'inside.js')
    const contents = "export { trace, context } from '@opentelemetry/api'"
    const stdin = { contents, resolveDir: root }
    await esbuild({ stdin, bundle: true, format: 'esm', minify: true, outfile, logLevel: 'error' })
    return outfile
  }

  test('a package contains its own: a near-miss, and under strict an error', async () => {
    const inside = await bundleApi(path.join(root, '.cache'))
    const source = `import { trace as theirs } from ${JSON.stringify(inside)}\n${HANDLER}export const other = theirs\n`
    const files = { 'src/index.js': source }
    const expected = /index\.mjs contains 2 copies of @opentelemetry\/api[^]*UO124/
    await expect(buildWithEsbuild(files, { outfile: 'out/index.mjs' }, { strict: true })).rejects.toThrow(expected)
    await expect(buildWithEsbuild(files, { outfile: 'out/index.mjs', minify: true }, { strict: true })).rejects.toThrow(
      expected,
    )
  })

  test('a plugin before ours keeps one of its imports outside', async () => {
    const plugins: BuildOptions['plugins'] = [
      {
        name: 'outside',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^@opentelemetry\/api$/ }, ({ path: id, importer }) =>
            importer.endsWith('src/index.js') ? { path: id, external: true } : undefined,
          ),
      },
    ]
    for (const format of ['esm', 'cjs'] as const) {
      await expect(
        buildWithEsbuild({ 'src/index.js': HANDLER }, { outfile: 'out/index.mjs', format, plugins }, { strict: true }),
      ).rejects.toThrow(/index\.mjs contains @opentelemetry\/api and imports another[^]*UO124/)
    }
  })
})

test('Rollup: of several outputs of a build, each is said for itself', async () => {
  const { rollup, nodeResolve } = await installed()
  const folder = createProject({ 'src/index.js': HANDLER })
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => void vi.restoreAllMocks())
  const warnings: string[] = []
  const strip = {
    name: 'strip',
    renderChunk: (_code: string, _chunk: object, { format }: { format: string }) =>
      format === 'cjs' ? { code: 'exports.handler = 1', map: null } : null,
  }
  const bundle = await rollup({
    input: path.join(folder, 'src/index.js'),
    plugins: [rollupOtel({ enabled: true }), nodeResolve(), strip],
    onLog: (_level: string, { message }: { message: string }) => void warnings.push(message),
  })
  cwd.mockRestore()
  const said = () => warnings.splice(0).filter((text) => UO12.test(text))
  await bundle.generate({ format: 'es', file: 'index.mjs' })
  expect(said()).toEqual([])
  await bundle.generate({ format: 'cjs', file: 'index.cjs' })
  expect(said()).toEqual([expect.stringMatching(/index\.cjs its handlers were wrapped[^]*UO120/)])
  await bundle.generate({ format: 'es', file: 'index.mjs' })
  expect(said()).toEqual([])
})

describe('a build for browsers', () => {
  const RUNTIME = "export * from 'unplugin-otel/runtime/node'\n"
  const MANUAL = "import { traced } from 'unplugin-otel/runtime'\ntraced('click', () => document.title)\n"
  const expected = /our runtime is in it, and it is for browsers[^]*UO122/

  test('esbuild', async () => {
    const own: BuildOptions = { outfile: 'out/index.js', platform: 'browser' }
    expect(await buildWithEsbuild({ 'src/index.js': RUNTIME }, own)).toMatch(expected)
    expect(await buildWithEsbuild({ 'src/index.js': MANUAL }, own)).not.toMatch(UO12)
  })

  test('Vite: an error under strict', async () => {
    const build = async (source: string, strict: boolean) => {
      const folder = createProject({
        'index.html': '<script type="module" src="/src/index.js"></script>',
        'src/index.js': source,
      })
      const { printed, customLogger } = createViteLogger()
      const plugins = [viteOtel({ enabled: true, strict })]
      await viteBuild({ root: folder, configFile: false, customLogger, plugins })
      return printed.join('\n')
    }
    const kept = `${RUNTIME}import { instrument } from 'unplugin-otel/runtime/node'\nglobalThis.kept = instrument\n`
    expect(await build(kept, false)).toMatch(expected)
    await expect(build(kept, true)).rejects.toThrow(expected)
    expect(await build(MANUAL, true)).not.toMatch(UO12)
  })
})
