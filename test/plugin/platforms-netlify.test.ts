import { describe, expect, test } from 'vitest'
import { createPipeline } from '../../src/plugin/index.ts'
import { resolveBuild } from '../../src/plugin/build.ts'
import { toFacts } from '../../src/plugin/facts.ts'
import type { Options } from '../../src/plugin/options.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import netlify from '../../src/plugin/platforms/netlify.ts'
import { createBundler, createProject } from './project-facts.ts'

describe('detection', () => {
  test.each([
    [{ files: { 'netlify.toml': '[functions]\ndirectory = "api"' } }, 'file', 'netlify.toml'],
    [{ files: { 'netlify.toml': '[[edge_functions]]\nfunction = "a"' } }, 'file', 'netlify.toml'],
    [{ dependencies: ['@netlify/functions'] }, 'dependency', '@netlify/functions in package.json'],
    [{ files: { 'netlify.toml': '[build]\npublish = "dist"' } }, 'ci', 'netlify.toml'],
    [{ files: { 'netlify.toml': 'broken' } }, 'ci', 'netlify.toml'],
    [{ env: { NETLIFY: 'true' } }, 'ci', 'NETLIFY'],
  ])('%j', (given, signal, because) => {
    expect(netlify.detect(createProject(given))).toMatchObject({ signal, because })
  })

  test.each([
    {},
    { dependencies: ['vite'] },
    { files: { 'netlify.toml': '[functions]\nnode_bundler = "none"' }, bundler: { conditions: ['edge-light'] } },
    { dependencies: ['@netlify/functions'], bundler: { conditions: ['workerd', 'worker'] } },
  ])('nothing in %j', (given) => {
    expect(netlify.detect(createProject(given))).toBeUndefined()
  })

  test.each([
    ['aws-lambda', { files: { 'netlify.toml': '[build]' }, dependencies: ['@types/aws-lambda'] }],
    ['aws-lambda', { env: { NETLIFY: 'true' }, dependencies: ['@types/aws-lambda'] }],
    ['aws-lambda', { files: { 'netlify.toml': '[functions]\n', 'serverless.yml': 'provider: aws' } }],
    ['cloudflare', { files: { 'netlify.toml': '[build]', 'wrangler.toml': '' } }],
    ['cloudflare', { files: { 'netlify.toml': '[functions]\na = 1' }, bundler: { conditions: ['workerd'] } }],
    ['nextjs', { files: { 'netlify.toml': '[functions]\na = 1' }, bundler: { plugins: ['withOtel'] } }],
    ['netlify', { files: { 'netlify.toml': '[functions]\na = 1' }, dependencies: ['@types/aws-lambda'] }],
    ['netlify', { files: { 'netlify.toml': '[build]' }, dependencies: ['@types/aws-lambda', '@netlify/functions'] }],
    ['cloudflare', { files: { 'netlify.toml': '[build]', 'wrangler.toml': '' }, dependencies: ['@netlify/functions'] }],
  ])('%s: %j', (id, given) => {
    expect(resolveBuild(resolveOptions({}, {}), createProject(given)).platform?.id).toBe(id)
  })
})

const TOML = '[build]\nedge_functions = "edge"\n[functions]\ndirectory = "/server/[api]"'

describe('modules', () => {
  const of = (path: string, files: Record<string, string> = {}, options: Options = {}) => {
    const resolved = resolveOptions({ platform: 'netlify', ...options }, {})
    const project = createProject({ files })
    const build = resolveBuild(resolved, project)
    const module = build.of(`/orders/${path}`)
    return module && { target: module.target, kinds: toFacts(module, build, resolved, project).kinds }
  }
  const node = { target: 'node', kinds: { default: 'onRequest', handler: 'onEvent' } }

  test.each([
    ['netlify/functions/hello.mts', {}, node],
    ['netlify/functions/hello/index.js', {}, node],
    ['netlify/functions/hello/hello.js', {}, node],
    ['netlify/functions/hello/parts.js', {}, { target: 'node', kinds: {} }],
    ['netlify/functions/hello/parts/index.js', {}, undefined],
    ['netlify/edge-functions/hello.ts', {}, { ...node, target: 'edge' }],
    ['src/app.ts', {}, node],
    ['src/other.ts', {}, undefined],
    ['server/[api]/hello.ts', { 'netlify.toml': TOML }, node],
    ['edge/hello.ts', { 'netlify.toml': TOML }, { ...node, target: 'edge' }],
    ['netlify/functions/hello.ts', { 'netlify.toml': TOML }, undefined],
    ['legacy/hello.ts', { 'netlify.toml': '[build]\nfunctions = "legacy"' }, node],
  ])('%s', (path, files, expected) => {
    expect(of(path, files as Record<string, string>)).toEqual(expected)
  })

  test('the target that is asked for is that of every module', () => {
    expect(of('netlify/edge-functions/hello.ts', {}, { target: 'node' })?.target).toBe('node')
    expect(of('netlify/functions/hello.ts', {}, { target: 'edge' })?.target).toBe('edge')
  })

  test('a name that is asked for is of the kind that Netlify calls by it', () => {
    const handlers = ['default', 'handler', 'main']
    expect(of('src/app.ts', {}, { handlers })?.kinds).toEqual({
      default: 'onRequest',
      handler: 'onEvent',
      main: 'onRequest',
    })
  })
})

test('the runtime of each target', async () => {
  const { transform } = createPipeline({ platform: 'netlify' }, createBundler(), {})
  const code = 'export default () => new Response()'
  expect((await transform(code, '/orders/netlify/edge-functions/a.ts', undefined))?.code).toContain(
    'unplugin-otel/runtime/edge',
  )
  expect((await transform(code, '/orders/netlify/functions/a.ts', undefined))?.code).toContain(
    'unplugin-otel/runtime/node',
  )
})
