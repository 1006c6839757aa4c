/** The fixtures as projects that bundlers build: their files, what they import, and what tells the platform. */
import { copyFileSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { repository } from '../bundlers/build.ts'
import { fixturePath } from '../plugin/facts.ts'
import { standIns } from '../plugin/stand-ins.ts'
import { throwing } from './throws.ts'

export interface FixtureProject {
  readonly platform: 'aws-lambda' | 'cloudflare' | 'netlify'
  readonly format: 'esm' | 'cjs'
  readonly root: string
  readonly files: readonly string[]
}

/** Spans below the root, which only few fixtures have, by the user's own imports. */
const SPANS = `
import { trace } from '@opentelemetry/api'
import { traced } from 'unplugin-otel/runtime'
const tracer = trace.getTracer('app')
export const handler = (event) => tracer.startActiveSpan('outer', async (outer) => {
  await null
  tracer.startSpan('inner', { attributes: { id: event.id } }).end()
  outer.end()
  return traced('by hand', () => 'spans')
})`

const fixtures = path.join(repository, 'test/fixtures')
const filesOf = (platform: FixtureProject['platform']) => [
  ...readdirSync(path.join(fixtures, platform)).filter((file) => !/\.(txt|json)$/.test(file)),
  ...Object.keys(throwing[platform]),
]

/** A handler that is two modules away. */
const STARS = {
  'star.js': "export * from './starred/between.js'",
  'starred/between.js': "export * from '../starred/index.js'\nexport const unrelated = 1",
  'starred/index.js': "export const handler = async (event) => ['starred', event.id]",
}

/**
 * ES modules and CommonJS apart: which one a `.js` file is, its package.json says; and an ES module of a CommonJS
 * file has no more than one export.
 */
export function createProjects(): FixtureProject[] {
  const [lambda, workers, netlify] = [filesOf('aws-lambda'), filesOf('cloudflare'), filesOf('netlify')]
  const isCommonJs = (file: string) => /^(cjs-|ignore-cjs|own-names-cjs|commonjs|ts-export-assignment)/.test(file)
  return [
    create(
      'aws-lambda',
      'esm',
      [...lambda.filter((file) => !isCommonJs(file)), 'spans.js', 'star.js'],
      '@types/aws-lambda',
    ),
    create('aws-lambda', 'cjs', lambda.filter(isCommonJs), '@types/aws-lambda'),
    create(
      'cloudflare',
      'esm',
      workers.filter((file) => !isCommonJs(file)),
      'wrangler',
    ),
    create('cloudflare', 'cjs', workers.filter(isCommonJs), 'wrangler'),
    create(
      'netlify',
      'esm',
      netlify.filter((file) => !isCommonJs(file)),
      '@netlify/functions',
    ),
    create('netlify', 'cjs', netlify.filter(isCommonJs), '@netlify/functions'),
  ]
}

function create(
  platform: FixtureProject['platform'],
  format: FixtureProject['format'],
  files: readonly string[],
  dependency: string,
): FixtureProject {
  const root = path.join(repository, '.cache/tiers', `${platform}-${format}`)
  rmSync(root, { recursive: true, force: true })
  for (const file of filesOf(platform)) {
    const to = path.join(root, fixturePath(platform, file))
    mkdirSync(path.dirname(to), { recursive: true })
    copyFileSync(path.join(fixtures, platform, file), to)
  }
  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    writeFileSync(path.join(root, name), text)
  }
  const type = format === 'esm' ? 'module' : undefined
  write('package.json', JSON.stringify({ type, devDependencies: { [dependency]: '*' } }))
  if (platform === 'cloudflare') write('wrangler.toml', 'compatibility_flags = ["nodejs_als"]\n')
  write('src/spans.js', SPANS)
  for (const [name, code] of Object.entries(STARS)) write(`src/${name}`, code)
  for (const [file, code] of Object.entries(throwing[platform])) write(`src/${file}`, code)
  for (const [specifier, code] of Object.entries(standIns)) {
    if (specifier.startsWith('./')) write(`src/${specifier}.js`, code)
    else if (!specifier.includes(':')) writePackage(write, specifier, code)
  }
  // The build without the plugin leaves what the fixtures import of ours, as of every package, where it is.
  symlinkSync(repository, path.join(root, 'node_modules/unplugin-otel'), 'junction')
  mkdirSync(path.join(root, 'node_modules/@opentelemetry'))
  const api = 'node_modules/@opentelemetry/api'
  symlinkSync(path.join(repository, api), path.join(root, api), 'junction')
  return { platform, format, root, files }
}

function writePackage(write: (name: string, text: string) => void, specifier: string, code: string): void {
  const [, name, subpath = 'index'] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/.exec(specifier)!
  const exports = { '.': './index.js', './*': './*.js' }
  write(`node_modules/${name}/package.json`, JSON.stringify({ name, type: 'module', exports }))
  write(`node_modules/${name}/${subpath}.js`, code)
}
