import { describe, expect, test } from 'vitest'
import { resolveBuild } from '../../src/plugin/build.ts'
import { toFacts } from '../../src/plugin/facts.ts'
import type { Options } from '../../src/plugin/options.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import nextjs, { nextEntries } from '../../src/plugin/platforms/nextjs.ts'
import { nextFacts, targetOf } from '../../src/plugin/turbopack.ts'
import { createProject } from './project-facts.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

describe('detection', () => {
  test.each([
    [['withOtel'], 'withOtel()'],
    [['DefinePlugin', 'PagesManifestPlugin', 'BuildManifestPlugin'], 'PagesManifestPlugin'],
    [['MiddlewarePlugin'], 'MiddlewarePlugin'],
    [['PagesManifestPlugin', 'withOtel'], 'withOtel()'],
  ])('beside %j', (plugins, because) => {
    expect(nextjs.detect(createProject({ bundler: { plugins } }))).toEqual({ signal: 'bundler', because })
  })

  test.each([
    {},
    { dependencies: ['next', 'react'] },
    { bundler: { plugins: ['ReactLoadablePlugin', 'MiniCssExtractPlugin'] } },
    { files: { 'next.config.js': '' }, env: { VERCEL: '1' } },
  ])('not by %j: what is not built by Next is not called by it', (given) => {
    expect(nextjs.detect(createProject(given))).toBeUndefined()
  })

  test('a deploy file beside it says where it runs, not who calls', () => {
    const bundler = { name: 'webpack', plugins: ['PagesManifestPlugin'] } as const
    const project = createProject({ files: { 'sst.config.ts': '' }, dependencies: ['@types/aws-lambda'], bundler })
    expect(resolveBuild(resolveOptions({}), project)).toMatchObject({
      platform: { id: 'nextjs' },
      because: 'PagesManifestPlugin',
    })
  })
})

/** Under `withOtel()`, as Turbopack's loader asks. */
function buildFor(pageExtensions: readonly string[], options: Options = {}, target: 'node' | 'edge' = 'node') {
  const project = createProject({ bundler: nextFacts('/orders', target, { pageExtensions }) })
  const resolved = resolveOptions(options)
  const build = resolveBuild(resolved, project)
  const namesOf = (path: string): Record<string, string> | undefined => {
    const module = build.of(`/orders/${path}`)
    return module && { ...toFacts(module, build, resolved, project).kinds }
  }
  return { build, namesOf }
}

describe('entries', () => {
  const DEFAULT = ['tsx', 'ts', 'jsx', 'js']

  test.each([
    'app/route.ts',
    'app/api/hello/route.js',
    'src/app/api/hello/route.tsx',
    'app/(shop)/api/users/[id]/route.ts',
    'app/@modal/(.)photo/[...slug]/route.ts',
    'app/docs/[[...slug]]/route.jsx',
    'app/api/pages/route.ts',
  ])('%s', (path) => {
    expect(buildFor(DEFAULT).namesOf(path)).toEqual(Object.fromEntries(METHODS.map((name) => [name, 'onRoute'])))
  })

  test.each([
    ['pages/api/hello.ts', { default: 'onApi' }],
    ['src/pages/api/users/[id].js', { default: 'onApi' }],
    ['pages/api/route.ts', { default: 'onApi' }],
    ['proxy.ts', { default: 'onProxy', proxy: 'onProxy' }],
    ['src/proxy.js', { default: 'onProxy', proxy: 'onProxy' }],
    ['middleware.ts', { default: 'onProxy', middleware: 'onProxy' }],
    ['src/middleware.js', { default: 'onProxy', middleware: 'onProxy' }],
  ])('%s', (path, kinds) => {
    expect(buildFor(DEFAULT).namesOf(path)).toEqual(kinds)
  })

  test.each([
    'route.ts',
    'lib/route.ts',
    'lib/app/api/route.ts',
    'components/app/route.ts',
    'packages/shop/app/api/route.ts',
    'src/lib/middleware.ts',
    'app/middleware.ts',
    'app/proxy.ts',
    'app/page.tsx',
    'app/api/hello/page.tsx',
    'app/api/hello/routes.ts',
    'app/api/hello/route.test.ts',
    'app/api/hello/my-route.ts',
    'app/api/hello/route.d.ts',
    'pages/index.tsx',
    'pages/apis/hello.ts',
    'pages/api.ts',
    'app/api/hello/route.mts',
    'app/api/hello/route.css',
    'instrumentation.ts',
    '../app/api/route.ts',
  ])('not %s', (path) => {
    expect(buildFor(DEFAULT).namesOf(path)).toBeUndefined()
  })

  test('by the page extensions of the project, and no others', () => {
    const { namesOf } = buildFor(['api.ts', 'page.tsx'])
    expect(Object.keys(namesOf('app/api/hello/route.api.ts')!)).toEqual(METHODS)
    expect(namesOf('pages/api/users.api.ts')).toEqual({ default: 'onApi' })
    expect(namesOf('proxy.api.ts')).toEqual({ default: 'onProxy', proxy: 'onProxy' })
    expect(namesOf('app/api/hello/route.ts')).toBeUndefined()
    expect(namesOf('pages/api/helper.ts')).toBeUndefined()
    const single = buildFor(['mts'])
    expect(Object.keys(single.namesOf('app/route.mts')!)).toEqual(METHODS)
    expect(single.namesOf('app/route.ts')).toBeUndefined()
  })

  test.each(['/orders/[next] (1)', '/orders/{a,b}', '/orders/*/!(c)'])(
    'in a folder that looks like a glob: %s',
    (root) => {
      const project = createProject({ bundler: nextFacts(root, 'node', { pageExtensions: DEFAULT }) })
      expect(resolveBuild(resolveOptions({}), project).of(`${root}/app/api/route.ts`)).toBeDefined()
    },
  )

  test('with a plugin in `webpack()` of one’s own, where the page extensions are not told', () => {
    const project = createProject({ bundler: { plugins: ['MiddlewarePlugin'], entries: [] } })
    expect(nextjs.entries!(project)).toEqual(nextEntries('/orders', DEFAULT))
    expect(nextjs.entries!(createProject({ bundler: { plugins: ['MiddlewarePlugin', 'withOtel'] } }))).toEqual([])
  })

  test('`include`, `exclude` and `handlers` are above that', () => {
    expect(buildFor(DEFAULT, { exclude: ['app/api/health/**'] }).namesOf('app/api/health/route.ts')).toBeUndefined()
    expect(buildFor(DEFAULT, { include: ['lib/route.ts'] }).namesOf('lib/route.ts')).toBeDefined()
  })
})

describe('target', () => {
  test.each([
    ['node', {}, 'node', 'next-server', 'als'],
    ['edge', {}, 'edge', 'next-edge', 'global'],
    ['edge', { target: 'node' }, 'node', 'next-server', 'global'],
    ['node', { target: 'edge' }, 'edge', 'next-edge', 'als'],
  ] as const)('built for %s with %j: %s, %s', (conditions, options, target, host, context) => {
    const { build } = buildFor(['ts'], options, conditions)
    expect(build.of('/orders/app/api/route.ts')).toMatchObject({ target, host, platform: { id: 'nextjs' } })
    expect(build.context?.context ?? 'als').toBe(context)
  })

  test.each([
    ["export const config = { runtime: 'edge' }\nexport default () => <p>a card</p>", 'pages/api/og.js', 'edge'],
    ["// runtime: 'edge' would be nice\nexport const GET = () => {}", 'app/route.ts', 'node'],
    ["export const GET = () => fetch(url, { runtime: 'edge' })", 'app/route.ts', 'node'],
    ["export const runtime: Runtime = 'edge' as const", 'app/route.ts', 'edge'],
    ["export const config = { api: { bodyParser: {} }, runtime: 'edge' }", 'pages/api/a.ts', 'edge'],
    ["export const runtime = 'edge'", 'app/api/route.ts', 'edge'],
    ['export const runtime = "edge" as const', 'app/api/route.ts', 'edge'],
    ["export const runtime = 'nodejs'", 'app/api/route.ts', 'node'],
    ["export const config = { runtime: 'edge' }", 'pages/api/a.ts', 'edge'],
    ["export const config = { runtime: 'experimental-edge' }", 'pages/api/a.ts', 'edge'],
    ['export const GET = run', 'app/api/route.ts', 'node'],
    ['export const middleware = run', 'middleware.ts', 'edge'],
    ['export const middleware = run', 'C:\\shop\\src\\middleware.ts', 'edge'],
    ["export const config = { runtime: 'nodejs' }", 'src/middleware.ts', 'node'],
    ['export const proxy = run', 'proxy.ts', 'node'],
  ])('where nobody tells, by the module: %s in %s', (code, file, target) => {
    expect(targetOf(code, file)).toBe(target)
  })
})
