/** Modules that are no file, or are gone, or are wanted as something else than code: as without the plugin. */
import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build as esbuild, type BuildOptions, type Plugin } from 'esbuild'
import otelEsbuild from 'unplugin-otel/esbuild'
import otelRollup from 'unplugin-otel/rollup'
import otelVite from 'unplugin-otel/vite'
import { build as vite, type Plugin as VitePlugin } from 'vite'
import { describe, expect, test } from 'vitest'
import { createProject } from './bad-input/build.ts'
import { installed } from './bundlers/build.ts'
import { runSilently } from './bundlers/silent-build.ts'
import { createViteLogger } from './vite-logger.ts'

/** Of a build of Rollup, or one of Vite that is not watched. */
const codeOf = (result: unknown) => (result as { output: [{ code: string }] }).output[0].code

const HANDLER = 'export const handler = async () => 1\n'
const on = { enabled: true, platform: 'aws-lambda' } as const
/** What a default import of no code has become. */
const assetOf = (code: string) => /(?:var|const) \w+_default = [^]*?\n(?=\/\/|export)/.exec(code)?.[0]
const isWrapped = (code: string) => /"?name"?:\s*"handler"/.test(code)

describe('esbuild', () => {
  const run = async (root: string, plugin: Plugin[], options: BuildOptions = {}) => {
    const given: BuildOptions = {
      absWorkingDir: root,
      entryPoints: ['./src/index.ts'],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      logLevel: 'silent',
      ...options,
      plugins: [...plugin, ...(options.plugins ?? [])],
    }
    const { result } = await runSilently(root, () => esbuild(given).catch((error: Error) => error))
    return result instanceof Error ? result.message : result.outputFiles![0]!.text
  }
  const both = async (root: string, options?: BuildOptions) => ({
    plain: await run(root, [], options),
    wrapped: await run(root, [otelEsbuild(on)], options),
  })

  test('its own source as a text', async () => {
    const source = `import text from './index.ts' with { type: 'text' }\nexport const handler = async () => text\n`
    const { plain, wrapped } = await both(createProject({ 'src/index.ts': source }))
    expect(isWrapped(wrapped)).toBe(true)
    expect(assetOf(plain)).toContain('async () => text')
    expect(assetOf(wrapped)).toBe(assetOf(plain))
  })

  test('an entry whose loader makes a text of it', async () => {
    const { plain, wrapped } = await both(createProject({ 'src/index.ts': HANDLER }), { loader: { '.ts': 'text' } })
    expect(wrapped).toBe(plain)
  })

  test('an entry that is deleted before it is loaded', async () => {
    const root = createProject({})
    const file = path.join(root, 'src/index.ts')
    mkdirSync(path.dirname(file))
    const deleted: Plugin = {
      name: 'deleted',
      setup: (build) => build.onResolve({ filter: /index/ }, () => (unlinkSync(file), { path: file })),
    }
    const options = { plugins: [deleted] }
    writeFileSync(file, HANDLER)
    const plain = await run(root, [], options)
    writeFileSync(file, HANDLER)
    expect(await run(root, [otelEsbuild(on)], options)).toBe(plain)
    expect(plain).toContain('index.ts')
  })

  test('a virtual entry', async () => {
    const virtual: Plugin = {
      name: 'virtual',
      setup(build) {
        build.onResolve({ filter: /^virtual:/ }, ({ path: id }) => ({ path: id, namespace: 'virtual' }))
        build.onLoad({ filter: /./, namespace: 'virtual' }, () => ({ contents: HANDLER, loader: 'ts' }))
      },
    }
    const options = { entryPoints: ['virtual:x.ts'], plugins: [virtual] }
    const { plain, wrapped } = await both(createProject({}), options)
    expect(wrapped).toBe(plain)
  })

  test('nothing is left of what a module was before, when it is built again', async () => {
    const root = createProject({ 'src/index.ts': HANDLER })
    const plugins = [otelEsbuild(on)]
    const first = await run(root, plugins)
    writeFileSync(path.join(root, 'src/index.ts'), 'export const table = {}\n')
    const second = await run(root, plugins)
    expect([isWrapped(first), isWrapped(second)]).toEqual([true, false])
    expect(second).toBe(await run(root, []))
  })
})

/** Resolves and loads `virtual:` and `\0virtual:` modules, and fails when somebody reads one from disk. */
const virtual = (id: string): VitePlugin => ({
  name: 'virtual',
  resolveId: (source) => (source === 'virtual:entry.ts' ? id : undefined),
  load: (loaded) => (loaded === id ? HANDLER : undefined),
})

describe.each(['\0virtual:entry.ts', 'virtual:entry.ts'])('an entry that is %j', (id) => {
  test('rollup', async () => {
    const { rollup } = await installed()
    const run = async (plugins: object[]) => {
      const options = { input: 'virtual:entry.ts', plugins: [...plugins, virtual(id)], onLog() {} }
      const { result } = await runSilently(createProject({}), async () => {
        const bundle = await rollup(options)
        return codeOf(await bundle.generate({ format: 'es' }))
      })
      return result
    }
    const [plain, wrapped] = [await run([]), await run([otelRollup(on)])]
    if (id.startsWith('\0')) expect(wrapped).toBe(plain)
    else expect(isWrapped(wrapped)).toBe(true)
  })

  test('vite', async () => {
    const root = createProject({})
    const run = async (plugins: VitePlugin[]) => {
      const { customLogger } = createViteLogger()
      const input = 'virtual:entry.ts'
      const build = { ssr: true, write: false, rolldownOptions: { input } }
      const result = await vite({ root, configFile: false, customLogger, plugins: [...plugins, virtual(id)], build })
      return codeOf(result)
    }
    const [plain, wrapped] = [await run([]), await run([otelVite(on)])]
    if (id.startsWith('\0')) expect(wrapped).toBe(plain)
    else expect(isWrapped(wrapped)).toBe(true)
  })
})

test.each(['raw', 'url'])('vite: an entry that imports itself with ?%s', async (query) => {
  const source = `import asset from './index.ts?${query}'\nexport const handler = async () => asset\n`
  const root = createProject({ 'src/index.ts': source })
  const run = async (plugins: VitePlugin[]) => {
    const { printed, customLogger } = createViteLogger()
    const build = { ssr: 'src/index.ts', write: false }
    const result = await vite({ root, configFile: false, customLogger, plugins, build }).catch((error: Error) => error)
    return {
      code: result instanceof Error ? result.message : codeOf(result),
      printed,
    }
  }
  const [plain, wrapped] = [await run([]), await run([otelVite(on)])]
  expect(isWrapped(wrapped.code)).toBe(true)
  expect(wrapped.printed.join('\n')).toContain('wrapped  src/index.ts:2:14 handler')
  expect(assetOf(wrapped.code)).toBe(assetOf(plain.code))
})

test('a package.json that is a folder, and a root that is a link', async () => {
  const root = createProject({ 'shop/src/index.ts': HANDLER, 'shop/template.yaml': 'Type: AWS::Serverless::Function' })
  mkdirSync(path.join(root, 'shop/package.json'))
  symlinkSync('shop', path.join(root, 'link'))
  const { customLogger, printed } = createViteLogger()
  const build = { ssr: 'src/index.ts', write: false }
  await vite({
    root: path.join(root, 'link'),
    configFile: false,
    customLogger,
    plugins: [otelVite({ enabled: true })],
    build,
  })
  expect(printed.join('\n')).toMatch(
    /aws-lambda, node \(template\.yaml\)\n {2}wrapped {2}.*src\/index\.ts:1:14 handler/,
  )
})
