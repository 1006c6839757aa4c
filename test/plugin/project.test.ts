import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createPipeline } from '../../src/plugin/index.ts'
import { findNewestApi, readProject } from '../../src/plugin/project.ts'
import { readSstConfig } from '../../src/plugin/sst-config.ts'
import { createBundler } from './project-facts.ts'

let root: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'otel-project-')))
})
afterEach(() => rmSync(root, { recursive: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

const read = (folder = '') => readProject(createBundler({ root: join(root, folder) }), { CI: '1' })

describe('readProject', () => {
  test('root, environment, dependencies and deploy files', () => {
    write({
      '.git/HEAD': '',
      'package.json':
        '{"dependencies":{"a":"1"},"devDependencies":{"@types/aws-lambda":"8"},"peerDependencies":{"c":"1"}}',
      'serverless.yml': 'service: orders',
      'README.md': '',
    })
    const project = read()
    expect(project).toMatchObject({ root, env: { CI: '1' }, bundler: { root } })
    expect([...project.dependencies]).toEqual(['a', '@types/aws-lambda'])
    expect([...project.files]).toEqual([['serverless.yml', 'service: orders']])
  })

  test('a monorepo: the package is the root, the deploy file stands at the repository’s', () => {
    write({
      'serverless.yml': 'outside of the repository',
      'shop/.git/HEAD': '',
      'shop/package.json': '{"dependencies":{"sst":"3"}}',
      'shop/sst.config.ts': 'the repository',
      'shop/template.yaml': 'the repository',
      'shop/packages/orders/package.json': '{"dependencies":{"zod":"4"}}',
      'shop/packages/orders/template.yaml': 'the package',
      'shop/packages/orders/src/app.ts': '',
    })
    const project = read('shop/packages/orders/src')
    expect(project.root).toBe(join(root, 'shop/packages/orders'))
    expect([...project.dependencies]).toEqual(['zod'])
    expect(Object.fromEntries(project.files)).toEqual({
      'sst.config.ts': 'the repository',
      'template.yaml': 'the package',
    })
  })

  test('without package.json the bundler’s root is the project’s', () => {
    write({ '.git/HEAD': '' })
    expect(read()).toMatchObject({ root, dependencies: new Set() })
  })

  test.each(['{', '[]', '"text"', 'null', '{"dependencies":null}'])('package.json may be broken: %s', (text) => {
    write({ '.git/HEAD': '', 'package.json': text })
    expect(read()).toMatchObject({ root, dependencies: new Set() })
  })
})

const ours = () => findNewestApi(import.meta.dirname)

function install(version: string, manifest: object): void {
  write({
    'node_modules/@opentelemetry/api/package.json': JSON.stringify({
      name: '@opentelemetry/api',
      version,
      ...manifest,
    }),
    'node_modules/@opentelemetry/api/build/src/index.js': '',
  })
}

describe('findNewestApi', () => {
  test('ours, where the project has none', () => {
    expect(findNewestApi(root)).toBe(ours())
    expect(ours()).toMatch(/node_modules\/@opentelemetry\/api\/.*\.m?js$/)
  })

  test.each([
    ['1.9.0', 'build/src/index.js', false],
    ['1.99.0', 'build/src/index.js', true],
    ['2.0.0', 'build/src/index.js', false],
  ])('the project’s %s is taken: only if newer, and of the same major', (version, main, isTaken) => {
    install(version, { main, module: 'build/esm/index.js' })
    expect(findNewestApi(root) === ours()).toBe(!isTaken)
    if (isTaken) expect(findNewestApi(root)).toBe(join(root, 'node_modules/@opentelemetry/api/build/esm/index.js'))
  })

  test('its ESM file as 1.10 names it', () => {
    const entry = { default: { default: './dist/index.mjs' }, require: './build/src/index.js' }
    install('1.99.0', {
      main: 'build/src/index.js',
      exports: { '.': { require: entry.require, default: entry.default } },
    })
    expect(findNewestApi(root)).toBe(join(root, 'node_modules/@opentelemetry/api/dist/index.mjs'))
  })

  test('a copy without ESM is not taken', () => {
    install('1.99.0', { main: 'build/src/index.js' })
    expect(findNewestApi(root)).toBe(ours())
  })
})

test.each([
  ['folders', (path: string) => mkdirSync(join(root, path))],
  ['links to themselves', (path: string) => symlinkSync(path, join(root, path))],
  ['binary', (path: string) => writeFileSync(join(root, path), Buffer.from([0xff, 0xfe, 0, 0xc3, 0x28]))],
  ['broken', (path: string) => writeFileSync(join(root, path), '{ "handler": [')],
  ['empty', (path: string) => writeFileSync(join(root, path), '')],
  ['null', (path: string) => writeFileSync(join(root, path), 'null')],
  ['of odd types', (path: string) => writeFileSync(join(root, path), ODD)],
])('configuration files that are %s do not end a build', async (_name, make) => {
  mkdirSync(join(root, '.git'))
  const names = ['package.json', 'wrangler.json', 'wrangler.jsonc', 'wrangler.toml', 'serverless.yml', 'template.yaml']
  for (const name of [...names, 'sst.config.ts', 'samconfig.toml']) make(name)
  for (const platform of ['auto', 'aws-lambda', 'cloudflare', 'nextjs'] as const) {
    const bundler = createBundler({ root, entries: [join(root, 'app.ts')], files: readSstConfig(root) })
    const pipeline = createPipeline({ enabled: true, platform }, bundler, { CLOUDFLARE_ENV: 'production' })
    const code = 'export const handler = async () => 1; export default { fetch() {} }'
    await pipeline.transform(code, join(root, 'app.ts'), undefined)
    expect(pipeline.report.finish().facts).toMatchObject({ version: 1, bundler: 'esbuild' })
  }
})

const ODD = JSON.stringify({
  main: 1,
  dependencies: 'x',
  devDependencies: [null],
  compatibility_date: {},
  compatibility_flags: 'nodejs_als',
  durable_objects: { bindings: [null, 1] },
  env: { production: 'x' },
})
