import { describe, expect, test } from 'vitest'
import { isSameModule, optionNames, resolveBuild, type Build } from '../../src/plugin/build.ts'
import { createPipeline } from '../../src/plugin/index.ts'
import { relativeResolve } from '../../src/plugin/importing.ts'
import type { Options } from '../../src/plugin/options.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import { createBundler, createProject } from './project-facts.ts'

const onLambda = { dependencies: ['@types/aws-lambda'] }
const createBuild = (options: Options = {}, given: Parameters<typeof createProject>[0] = onLambda): Build =>
  resolveBuild(resolveOptions(options), createProject(given))

describe('the platform', () => {
  test('is not guessed without a signal, and the reason is kept', () => {
    const build = createBuild({}, {})
    expect(build).toMatchObject({
      platform: undefined,
      because: 'no deploy file, dependency or CI variable names a platform',
    })
    expect(build.of('/orders/src/app.ts')).toBeUndefined()
  })

  test('comes from the project, with the reason', () => {
    expect(createBuild()).toMatchObject({
      platform: { id: 'aws-lambda' },
      because: '@types/aws-lambda in package.json',
    })
  })

  test('comes from the option before everything else', () => {
    const build = createBuild({ platform: 'aws-lambda' }, { bundler: { platform: 'browser' } })
    expect(build).toMatchObject({ platform: { id: 'aws-lambda' }, because: "platform: 'aws-lambda' in otel()" })
  })

  test.each([
    ['netlify', { 'wrangler.toml': '/shop', 'netlify.toml': '/shop/functions' }],
    ['cloudflare', { 'wrangler.toml': '/shop/functions', 'netlify.toml': '/shop' }],
    ['cloudflare', { 'wrangler.toml': '/shop', 'netlify.toml': '/shop' }],
  ])('is %s: of several deploy files the nearest counts, in %j', (id, places) => {
    const files = { 'wrangler.toml': '', 'netlify.toml': '[functions]\na = 1' }
    const project = { ...createProject({ root: '/shop/functions', files }), folders: new Map(Object.entries(places)) }
    expect(resolveBuild(resolveOptions(), project).platform?.id).toBe(id)
  })

  test.each([
    ['azure-functions', '@azure/functions', 'provider:\n  name: azure'],
    ['aws-lambda', '@azure/functions', 'provider:\n  name: aws'],
    ['cloudflare', '@cloudflare/workers-types', 'provider: cloudflare'],
  ])('is %s: beside %s, the framework deploys to where its file says: %j', (id, sdk, text) => {
    const given = { files: { 'serverless.yml': text }, dependencies: ['serverless', sdk] }
    expect(createBuild({}, given).platform?.id).toBe(id)
  })

  test('is none in a build for the browser', () => {
    expect(createBuild({}, { ...onLambda, bundler: { platform: 'browser' } })).toMatchObject({
      platform: undefined,
      because: 'esbuild builds for the browser',
    })
  })
})

describe('entries', () => {
  test('a module is told what the emitted code needs', () => {
    expect(createBuild().of('/orders/src/app.ts')).toMatchObject({
      file: '/orders/src/app.ts',
      path: 'src/app.ts',
      host: 'aws-lambda',
      target: 'node',
      format: 'esm',
      topLevelAwait: true,
    })
  })

  test.each([
    ['/orders/src/app.ts', '/orders/src/app.ts', true],
    ['/orders/src/app.ts', '/orders/src/app', true],
    ['/orders/src/app/index.ts', '/orders/src/app', true],
    ['/orders/src/app.ts', '/orders/src/ap', false],
    ['/orders/src/app.test.ts', '/orders/src/app', false],
    ['/orders/src/app.test.ts', '/orders/src/app.test', true],
    ['/orders/src/a/b.ts', '/orders/src/*/*.ts', true],
    ['/orders/src/a/b.ts', '/orders/src/**/*.ts', true],
    ['/orders/src/a/b.ts', '/orders/src/*.ts', false],
    ['/orders/src/[id].ts', '/orders/src/[id].ts', true],
  ])('%s and the entry %s: %s', (file, entry, expected) => {
    expect(isSameModule(file, entry)).toBe(expected)
  })

  test.each([
    ['/orders/src/app.ts?query=/a#b', 'src/app.ts'],
    ['/orders/src/app.ts#fragment', 'src/app.ts'],
    ['\\orders\\src\\app.ts', 'src/app.ts'],
  ])('the id %s is %s', (id, path) => {
    expect(createBuild().of(id)?.path).toBe(path)
  })

  test('a folder may be called c#', () => {
    const root = '/c#/orders'
    expect(createBuild({}, { ...onLambda, root }).of(`${root}/src/app.ts`)?.path).toBe('src/app.ts')
  })

  test('a drive of Windows', () => {
    const root = 'C:/orders'
    expect(createBuild({}, { ...onLambda, root }).of('C:\\orders\\src\\app.ts')?.path).toBe('src/app.ts')
  })

  test.each(['src/other.ts', './src/*.ts', 'src\\*.ts', 'src/**'])('include %s replaces the entries', (glob) => {
    const build = createBuild({ include: [glob] })
    expect(build.of('/orders/src/other.ts')?.path).toBe('src/other.ts')
    expect(build.of('/orders/lib/app.ts')).toBeUndefined()
  })

  test.each(['src/app.ts', './src/*.ts', '**/app.ts'])('exclude %s wins over entries and include', (glob) => {
    expect(createBuild({ exclude: [glob] }).of('/orders/src/app.ts')).toBeUndefined()
    expect(createBuild({ exclude: [glob], include: ['**'] }).of('/orders/src/app.ts')).toBeUndefined()
  })
})

test.each<[Options['handlers'], readonly string[] | undefined]>([
  [undefined, undefined],
  [
    ['run', 'main'],
    ['run', 'main'],
  ],
  [{ 'src/*.ts': ['run'], 'lib/*.ts': ['main'] }, ['run']],
  [{ './src/app.ts': ['run'], 'src\\*.ts': ['main'] }, ['run', 'main']],
  [{ 'lib/*.ts': ['main'] }, undefined],
])('the handlers option %j', (handlers, expected) => {
  const module = createBuild().of('/orders/src/app.ts')!
  expect(optionNames(module, resolveOptions({ handlers }))).toEqual(expected)
})

const importing = { resolve: relativeResolve, watch() {} }

test('the pipeline: a module in, wrapped code and a report out', async () => {
  const entry = `${import.meta.dirname}/app.ts`
  const bundler = createBundler({ root: import.meta.dirname, entries: [entry], format: undefined })
  const pipeline = createPipeline({ platform: 'aws-lambda', handlers: ['run'] }, bundler, {})
  const transform = (code: string, id: string) => pipeline.transform(code, id, importing)
  expect([pipeline.includes(entry), pipeline.includes(`${entry}x`)]).toEqual([true, false])
  expect((await transform('export const run = () => 1', entry))?.code).toContain('export { __otel_0 as run }')
  expect(await transform('export const run = () => 1', `${entry}x`)).toBeUndefined()
  const [, handler, note] = pipeline.report.finish().info!.split('\n')
  expect(handler).toBe('  wrapped  test/plugin/app.ts:1:14 run (onEvent)')
  expect(note).toContain('the output format is not known')
})

test('turned off, the pipeline does nothing', async () => {
  const pipeline = createPipeline({ platform: 'aws-lambda' }, createBundler(), { VITEST: 'true' })
  expect(pipeline.includes('/orders/src/app.ts')).toBe(false)
  expect(await pipeline.transform('export const handler = () => 1', '/orders/src/app.ts', importing)).toBeUndefined()
})

test.each<[string[], string | undefined, string]>([
  [['workerd', 'worker'], 'cloudflare', "'workerd'"],
  [['edge-light'], undefined, "'edge-light', which is not supported"],
])('a build that resolves for %j is not Lambda, whatever the dependencies say', (conditions, id, because) => {
  const project = createProject({ dependencies: ['@types/aws-lambda'], bundler: { conditions } })
  const build = resolveBuild(resolveOptions(), project)
  expect([build.platform?.id, build.because]).toEqual([id, expect.stringContaining(because)])
})

test('of a framework the entry of its preset is wrapped, and not the routes that it loads', async () => {
  const entry = '/orders/node_modules/nitropack/dist/presets/aws-lambda/runtime/aws-lambda.mjs'
  const { transform } = createPipeline({ platform: 'aws-lambda' }, createBundler({ entries: [entry] }), {})
  const output = await transform('export async function handler(event) { return event }', entry, importing)
  expect(output?.code).toContain('as handler')
  const route = '/orders/routes/index.ts'
  expect(await transform('export default defineEventHandler(() => 1)', route, importing)).toBeUndefined()
})
