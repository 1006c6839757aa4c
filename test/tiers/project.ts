/** The fixtures as projects that bundlers build: their files, what they import, and what tells the platform. */
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { repository } from '../bundlers/build.ts'
import { fixturePath } from '../plugin/facts.ts'
import { standIns } from '../plugin/stand-ins.ts'
import { throwing } from './throws.ts'

export type TierPlatform = 'aws-lambda' | 'cloudflare' | 'netlify' | 'nextjs'

export interface FixtureProject {
  readonly platform: TierPlatform
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
const DEPENDENCIES = {
  'aws-lambda': '@types/aws-lambda',
  cloudflare: 'wrangler',
  netlify: '@netlify/functions',
  nextjs: 'next',
}

/** A handler that is two modules away. */
const STARS = {
  'starred/between.js': "export * from '../starred/index.js'\nexport const unrelated = 1",
  'starred/index.js': "export const handler = async (event) => ['starred', event.id]",
}

/**
 * ES modules and CommonJS apart: which one a `.js` file is, its package.json says; and an ES module of a CommonJS
 * file has no more than one export.
 */
export function createProjects(): FixtureProject[] {
  const isCommonJs = (file: string) =>
    /^(cjs-|ignore-cjs|own-names-cjs|commonjs|api-commonjs|ts-export-assignment)/.test(file)
  return (Object.keys(DEPENDENCIES) as TierPlatform[]).flatMap((platform) => {
    const code = sourcesOf(platform)
    return (['esm', 'cjs'] as const).flatMap((format) => {
      const files = Object.keys(code).filter((file) => isCommonJs(file) === (format === 'cjs'))
      return withoutClashes(platform, files).map((files, index) => create(platform, format, files, code, index))
    })
  })
}

/** Fixture → its text. */
function sourcesOf(platform: TierPlatform): Record<string, string> {
  const folder = path.join(fixtures, platform)
  const files = readdirSync(folder).filter((file) => !/\.(txt|json)$/.test(file))
  return {
    ...Object.fromEntries(files.map((file) => [file, readFileSync(path.join(folder, file), 'utf8')])),
    ...(platform === 'aws-lambda' && { 'spans.js': SPANS, 'star.js': "export * from './starred/between.js'" }),
    ...throwing[platform],
  }
}

/** A project has one `proxy.ts` only. */
function withoutClashes(platform: TierPlatform, files: readonly string[]): string[][] {
  const groups: Map<string, string>[] = []
  for (const file of files) {
    const at = fixturePath(platform, file)
    let group = groups.find((taken) => !taken.has(at))
    if (!group) groups.push((group = new Map()))
    group.set(at, file)
  }
  return groups.map((group) => [...group.values()])
}

function create(
  platform: TierPlatform,
  format: FixtureProject['format'],
  files: readonly string[],
  code: Readonly<Record<string, string>>,
  index: number,
): FixtureProject {
  const root = path.join(repository, '.cache/tiers', `${platform}-${format}${index || ''}`)
  rmSync(root, { recursive: true, force: true })
  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    writeFileSync(path.join(root, name), text)
  }
  const type = format === 'esm' ? 'module' : undefined
  write('package.json', JSON.stringify({ type, devDependencies: { [DEPENDENCIES[platform]]: '*' } }))
  if (platform === 'cloudflare') write('wrangler.toml', 'compatibility_flags = ["nodejs_als"]\n')
  for (const file of files) write(fixturePath(platform, file), code[file]!)
  for (const [name, text] of Object.entries(STARS)) write(`src/${name}`, text)
  for (const folder of new Set(files.map((file) => path.dirname(fixturePath(platform, file))))) {
    for (const [specifier, text] of Object.entries(standIns)) {
      if (specifier.startsWith('./')) write(path.join(folder, `${specifier}.js`), text)
    }
  }
  for (const [specifier, text] of Object.entries(standIns)) {
    if (!/^\.|:/.test(specifier)) writePackage(write, specifier, text)
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
