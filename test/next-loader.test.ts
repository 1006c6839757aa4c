/** Turbopack's loader and the plugin for webpack: the same bytes for the same module, on both of Next's runtimes. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { withOtel, type Options } from 'unplugin-otel/next'
import otel from 'unplugin-otel/webpack'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { fixturePath } from './plugin/facts.ts'
import { standIns } from './plugin/stand-ins.ts'

const repository = path.resolve(import.meta.dirname, '..')
const fixtures = path.join(repository, 'test/fixtures/nextjs')
const on: Options = { enabled: true, serviceName: 'shop', protocol: 'http/protobuf', report: false }

interface Output {
  readonly code: string
  readonly map: unknown
}
type Loader = (this: object, code: string, map?: unknown) => void
const loader: Loader = createRequire(import.meta.url)(path.join(repository, 'dist/plugin/loader.cjs'))

/** As many projects as there are fixtures that would stand at the same place. */
const projects: Map<string, string>[] = []
for (const file of readdirSync(fixtures).filter((name) => !name.endsWith('.txt'))) {
  const at = fixturePath('nextjs', file)
  const free = projects.find((project) => !project.has(at)) ?? projects[projects.push(new Map()) - 1]!
  free.set(at, readFileSync(path.join(fixtures, file), 'utf8'))
}
let folder: string

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'next-loader-'))
  // What the modules import is not there, and need not be: this takes their place once they are transformed.
  writeFileSync(
    path.join(folder, 'capture.cjs'),
    `module.exports = function (code, map) {
      globalThis.captured.set(this.resourcePath, { code, map })
      return 'module.exports = 0'
    }`,
  )
  for (const [n, project] of projects.entries()) {
    for (const [file, code] of project) {
      const at = path.join(folder, String(n), file)
      mkdirSync(path.dirname(at), { recursive: true })
      writeFileSync(at, code)
      // Only to learn what `export * from './app'` brings.
      writeFileSync(path.join(path.dirname(at), 'app.js'), standIns['./app']!)
    }
  }
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

// oxlint-disable-next-line typescript/no-explicit-any
type Any = any

type Target = 'node' | 'edge'

/** Compiles as Next.js does for one of its runtimes. */
async function byWebpack(
  root: string,
  files: readonly string[],
  target: Target,
  configure: (given: Any, root: string) => Any,
): Promise<Map<string, Output>> {
  vi.stubEnv('TURBOPACK', undefined)
  const { webpack } = await import(pathToFileURL(path.join(repository, 'test/projects/bundlers/index.js')).href)
  const captured = new Map<string, Output>()
  vi.stubGlobal('captured', captured)
  const given = {
    context: root,
    mode: 'development',
    devtool: 'source-map',
    target: target === 'edge' ? ['web', 'es6'] : 'node20',
    entry: Object.fromEntries(files.map((file) => [file, path.join(root, file)])),
    resolve: { conditionNames: target === 'edge' ? ['edge-light', 'import'] : ['node', 'import'] },
    output: { path: path.join(root, 'dist') },
    module: { rules: [{ test: /\.[jt]sx?$/, type: 'javascript/auto', use: path.join(folder, 'capture.cjs') }] },
  }
  const compiler = webpack(configure(given, root))
  const stats = await new Promise<Any>((resolve, reject) => {
    compiler.run((error: unknown, result: unknown) => (error ? reject(error) : resolve(result)))
  })
  await new Promise((resolve) => compiler.close(resolve))
  expect(stats.toJson({ all: false, errors: true }).errors).toEqual([])
  return captured
}

/** What `withOtel()` gives Turbopack for the rule of a runtime, once it has been through JSON. */
function loaderOptions(target: Target, options = on): Any {
  vi.stubEnv('TURBOPACK', '1')
  const config: Any = withOtel({}, options)
  const [rules]: Any[] = Object.values(config.turbopack.rules)
  const rule = rules.find(({ loaders }: Any) => loaders[0].options.target === target)
  return JSON.parse(JSON.stringify(rule.loaders[0].options))
}

function byLoader(root: string, file: string, code: string, options: Any, map?: unknown): Promise<Output> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown, output: string, outputMap: unknown) =>
      error ? reject(error) : resolve({ code: output, map: outputMap })
    const context = {
      resourcePath: path.join(root, file),
      rootContext: root,
      getOptions: () => options,
      addDependency() {},
    }
    loader.call({ ...context, async: () => done }, code, map)
  })
}

/** webpack wants the whole path of a source, Turbopack one beside the module. */
function asJson(map: unknown): unknown {
  if (map === undefined) return undefined
  const { sources, ...rest }: { sources: string[] } = JSON.parse(JSON.stringify(map))
  return { ...rest, sources: sources.map((source) => path.basename(source)) }
}

/** What Next.js adds to webpack's plugins, by which the plain plugin knows it. */
class MiddlewarePlugin {
  apply() {}
}
const snapshots = readdirSync(fixtures).filter((name) => name.endsWith('.txt'))
const isWrapped = (name: string) => readFileSync(path.join(fixtures, name), 'utf8').startsWith('wrapped')

describe.each([
  ['withOtel()', (given: Any, root: string) => (withOtel({}, on) as Any).webpack(given, { isServer: true, dir: root })],
  ['unplugin-otel/webpack', (given: Any) => ({ ...given, plugins: [new MiddlewarePlugin(), otel(on)] })],
])('%s', (_, configure) => {
  test.each<Target>(['node', 'edge'])('every fixture for %s', async (target) => {
    const options = loaderOptions(target)
    let wrapped = 0
    for (const [n, project] of projects.entries()) {
      const root = path.join(folder, String(n))
      const compiled = await byWebpack(root, [...project.keys()], target, configure)
      expect(compiled.size).toBe(project.size)
      for (const [file, code] of project) {
        const loaded = await byLoader(root, file, code, options)
        const expected = compiled.get(path.join(root, file))!
        expect([file, loaded.code]).toEqual([file, expected.code])
        expect([file, asJson(loaded.map)]).toEqual([file, asJson(expected.map)])
        if (loaded.code === code) continue
        wrapped++
        expect(loaded.code).toContain(`unplugin-otel/runtime/${target}`)
        expect(loaded.map).toMatchObject({ sources: [path.basename(file)], sourcesContent: [code] })
      }
    }
    expect(wrapped).toBe(snapshots.filter(isWrapped).length)
  })
})

describe('the loader', () => {
  const code = "export const runtime = 'edge'\nexport const GET = async () => new Response()\n"
  const file = 'app/api/route.ts'

  test('on Next.js 15, which names no runtime: by the module', async () => {
    const { target: _, ...untold } = loaderOptions('node')
    expect(await byLoader(folder, file, code, untold)).toEqual(
      await byLoader(folder, file, code, loaderOptions('edge')),
    )
    const onNode = code.replace('edge', 'nodejs')
    expect(await byLoader(folder, file, onNode, untold)).toEqual(
      await byLoader(folder, file, onNode, loaderOptions('node')),
    )
  })

  test.each([
    ['no entry', 'lib/orders.ts', code],
    ['an entry without a handler', file, 'export const runtime = "edge"\n'],
    ['an entry that was wrapped before', file, undefined],
  ])('%s passes as it came, with the map that it came with', async (_, at, given) => {
    const options = loaderOptions('node')
    const source = given ?? (await byLoader(folder, file, code, options)).code
    const map = { version: 3, sources: ['orders.ts'], mappings: 'AAAA' }
    const output = await byLoader(folder, at, source, options, map)
    expect(output.code).toBe(source)
    expect(output.map).toBe(map)
  })

  test('what is wrong with the options is the build’s error', async () => {
    const options = { ...loaderOptions('node'), options: { enabled: true, servicename: 'shop' } }
    await expect(byLoader(folder, file, code, options)).rejects.toMatchObject({
      name: 'UnpluginOtelError',
      message: expect.stringContaining("otel(): unknown option 'servicename'\nDid you mean 'serviceName'?\nUO130 "),
    })
  })

  test('options and version are what a cache is keyed by', () => {
    const { version } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8'))
    expect(loaderOptions('edge')).toEqual({
      options: on,
      pageExtensions: ['tsx', 'ts', 'jsx', 'js'],
      target: 'edge',
      version,
    })
  })

  test('other options for the same module are not those of before', async () => {
    const [first, second] = await Promise.all(
      ['shop', 'store'].map((serviceName) =>
        byLoader(folder, file, code, loaderOptions('edge', { enabled: true, serviceName })),
      ),
    )
    expect(first!.code).toContain('{"resource":{"service.name":"shop"}')
    expect(second!.code).toBe(first!.code.replace('"shop"', '"store"'))
  })
})
