/** What the hooks of a dozen bundlers are given as an id. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { resolveBuild } from '../../src/plugin/build.ts'
import { toFilter } from '../../src/plugin/id-filter.ts'
import { createPipeline } from '../../src/plugin/index.ts'
import { toFile } from '../../src/plugin/module-id.ts'
import type { Options } from '../../src/plugin/options.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import { createBundler, createProject } from './project-facts.ts'

test.each([
  ['/app/src/handler.ts', '/app/src/handler.ts'],
  ['/app/src/handler.ts?v=1', '/app/src/handler.ts'],
  ['/app/src/handler.ts?t=1&import', '/app/src/handler.ts'],
  ['/app/src/handler.ts#frag', '/app/src/handler.ts'],
  ['/app/src/handler.ts?v=1#frag', '/app/src/handler.ts'],
  ['/c#/src/handler.ts', '/c#/src/handler.ts'],
  ['/app/./src//handler.ts', '/app/src/handler.ts'],
  ['/app/rawdata/worker.ts?importer=raw', '/app/rawdata/worker.ts'],
  ['C:\\app\\src\\handler.ts', 'C:/app/src/handler.ts'],
  ['c:\\app\\src\\handler.ts', 'C:/app/src/handler.ts'],
  ['C:\\app/src\\handler.ts?v=1', 'C:/app/src/handler.ts'],
  ['\\\\server\\share\\src\\handler.ts', '//server/share/src/handler.ts'],
  ['\\\\?\\C:\\app\\src\\handler.ts', 'C:/app/src/handler.ts'],
  ['\\\\?\\UNC\\server\\share\\handler.ts', '//server/share/handler.ts'],
  [
    '/app/.yarn/__virtual__/x-virtual-abc/0/cache/y.zip/node_modules/z/index.js',
    '/app/.yarn/__virtual__/x-virtual-abc/0/cache/y.zip/node_modules/z/index.js',
  ],
  // Not the code of a file.
  ['/app/src/handler.ts?raw', undefined],
  ['/app/src/handler.ts?url', undefined],
  ['/app/src/handler.ts?worker&inline', undefined],
  ['/app/src/handler.ts?v=1&sharedworker#frag', undefined],
  ['\0virtual:entry.ts', undefined],
  ['\0/app/src/handler.ts?commonjs-proxy', undefined],
  ['', undefined],
  [undefined, undefined],
  [Number.NaN, undefined],
  [null, undefined],
])('%j is the file %j', (id, file) => {
  expect(toFile(id)).toBe(file)
})

describe('a build', () => {
  const create = (options: Options, entries: string[]) => {
    const resolved = resolveOptions({ platform: 'aws-lambda', enabled: true, ...options })
    const project = createProject({ root: entries[0]!.slice(0, entries[0]!.indexOf('/src')), bundler: { entries } })
    const build = resolveBuild(resolved, project)
    return { build, filter: toFilter({ options: resolved, build, project }) }
  }

  test.each([
    'data:text/javascript,export const handler = 1//.ts',
    'https://example.com/src/handler.ts',
    'node:fs',
    'virtual:x.ts',
    '\0virtual:x.ts',
    undefined,
    '',
  ])('include: ["**"] is of files, and %j is none', (id) => {
    expect(create({ include: ['**'] }, ['/app/src/handler.ts']).build.of(id)).toBeUndefined()
  })

  test('an entry without a file is one all the same', () => {
    expect(create({}, ['virtual:x.ts']).build.of('virtual:x.ts')).toBeDefined()
  })

  test.each([
    ['/app/src/handler.ts', '/app/src/handler.ts', true],
    ['/app/src/handler', '/app/src/handler.ts', true],
    ['/app/src/handler', '/app/src/handler/index.mjs', true],
    ['/app/src/handler.ts', '/app/src/handler.test.ts', false],
    ['/app/src/(a+b)[c]$.ts', '/app/src/(a+b)[c]$.ts', true],
    ['C:/app/src/handler.ts', 'C:\\app\\src\\handler.ts', true],
    ['C:/app/src/handler.ts', 'c:\\app\\src\\handler.ts', true],
    ['C:/app/src/handler.ts', 'D:\\app\\src\\handler.ts', false],
    ['//server/share/src/handler.ts', '\\\\server\\share\\src\\handler.ts', true],
  ])('the entry %s, and esbuild asks about %s: %s', (entry, path, expected) => {
    const { build, filter } = create({}, [entry])
    expect([filter.test(path), build.of(path) !== undefined]).toEqual([expected, expected])
  })

  test.each<[string, Options, string, boolean]>([
    ['a query', {}, '/app/src/handler.ts?v=1', true],
    ['a path that begins like it', {}, '/app/src/handler.tsv', false],
    ['another folder', {}, '/other/app/src/handler.ts', false],
    ['globs: any code', { include: ['src/*.ts'] }, '/app/lib/other.mjs', true],
    ['globs: no data', { include: ['src/*.ts'] }, '/app/src/data.json', false],
    ['turned off', { enabled: false }, '/app/src/handler.ts', false],
  ])('bundlers ask about as little as they can: %s', (_name, options, path, expected) => {
    expect(create({ enabled: true, ...options }, ['/app/src/handler.ts']).filter.test(path)).toBe(expected)
  })

  test.each(['C:\\app\\src\\handler.ts', '\\\\?\\C:\\app\\src\\handler.ts'])('of Windows: %s', (path) => {
    const { build, filter } = create({}, ['C:/app/src/handler.ts'])
    expect([filter.test(path), build.of(path) !== undefined]).toEqual([true, true])
  })

  test('where no platform is found, nothing', () => {
    const project = createProject({ bundler: { entries: ['/app/src/handler.ts'] } })
    const options = resolveOptions({ enabled: true })
    const build = resolveBuild(options, project)
    expect(build.platform).toBeUndefined()
    expect(toFilter({ options, build, project }).test('/app/src/handler.ts')).toBe(false)
  })
})

describe('symbolic links', () => {
  const scratch = () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'otel-links-')))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    mkdirSync(join(folder, 'real/src'), { recursive: true })
    writeFileSync(join(folder, 'real/package.json'), '{}')
    writeFileSync(join(folder, 'real/src/handler.ts'), '')
    symlinkSync('real', join(folder, 'app'))
    symlinkSync('handler.ts', join(folder, 'real/src/other.ts'))
    symlinkSync('loop', join(folder, 'real/src/loop'))
    return folder
  }
  const create = (root: string, entries: string[], options: Options = {}) =>
    createPipeline({ enabled: true, platform: 'aws-lambda', ...options }, createBundler({ root, entries }), {})

  test.each(['handler.ts', 'handler'])('of a folder: src/%s is one module under either name', (name) => {
    const folder = scratch()
    const pipeline = create(`${folder}/app`, [`${folder}/app/src/${name}`])
    const { build, includes } = pipeline
    for (const path of ['app', 'real']) {
      expect(build.of(`${folder}/${path}/src/handler.ts`)?.path).toBe('src/handler.ts')
      expect(toFilter(pipeline).test(`${folder}/${path}/src/handler.ts`)).toBe(true)
    }
    expect(includes(`${folder}/real/src/helper.ts`)).toBe(false)
    expect(toFilter(pipeline).test(`${folder}/real/src/helper.ts`)).toBe(false)
  })

  test.each(['other.ts', 'other'])('of a file: src/%s', (name) => {
    const folder = scratch()
    const pipeline = create(`${folder}/real`, [`${folder}/real/src/${name}`])
    for (const file of ['handler.ts', 'other.ts']) {
      expect(pipeline.build.of(`${folder}/real/src/${file}`)?.path).toBe('src/other.ts')
      expect(toFilter(pipeline).test(`${folder}/real/src/${file}`)).toBe(true)
    }
  })

  test('globs are relative to the root as it is named', () => {
    const folder = scratch()
    const entries = [`${folder}/app/src/handler.ts`]
    const of = (options: Options) => create(`${folder}/app`, entries, options).build.of(`${folder}/real/src/handler.ts`)
    expect(of({ include: ['src/*.ts'] })).toBeDefined()
    expect(of({ exclude: ['src/*.ts'] })).toBeUndefined()
  })

  test('a link to itself, and one that leads nowhere', () => {
    const folder = scratch()
    symlinkSync('nowhere', join(folder, 'real/src/gone.ts'))
    const { includes } = create(`${folder}/real`, [`${folder}/real/src/loop`, `${folder}/real/src/gone.ts`])
    expect(includes(`${folder}/real/src/handler.ts`)).toBe(false)
  })
})
