/** Who imports no more than a constant from a module of handlers gets neither a wrapper nor the runtime. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { transform } from 'esbuild'
import type { Options } from 'unplugin-otel/rollup'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tier1, type Build } from './bundlers/index.ts'
import { buildSilently } from './bundlers/silent-build.ts'

const RUN = 'export const run = () => "never called"\nexport class Room {}\n'

/** Each shape that is wrapped in a way of its own. */
const platforms: Readonly<Record<string, { file: string; source: string; otel: Options }>> = {
  'aws-lambda': {
    file: 'src/orders.ts',
    source: `
      export const retries = 3, handler = async () => 'a constant'
      export async function main() { return 'a function' }
      export default function () { return 'without a name' }
      export { run as lambdaHandler } from './run'`,
    // A registration is an effect.
    otel: { platform: 'aws-lambda', include: ['src/orders.ts'], flush: { mode: 'await' } },
  },
  cloudflare: {
    file: 'src/orders.ts',
    source: `
      export const retries = 3
      export class Legacy { fetch() { return new Response('a class') } }
      class Named { fetch() { return new Response('by a specifier') } }
      export { Named }
      export { Room } from './run'
      export default { fetch: () => new Response('an object') }`,
    otel: { platform: 'cloudflare', include: ['src/orders.ts'] },
  },
  'by hand': {
    file: 'src/orders.ts',
    source: `
      import { wrapHandler } from '${path.resolve(import.meta.dirname, '../dist/runtime/aws-lambda.js')}'
      export const retries = 3, handler = /* @__PURE__ */ wrapHandler(async () => 'a constant')`,
    otel: { enabled: false },
  },
  nextjs: {
    file: 'app/orders/route.ts',
    source: `
      export const retries = 3, GET = () => new Response('a constant')
      export async function POST() { return new Response('a function') }
      export { PUT, PUT as PATCH }
      function PUT() { return new Response('by a specifier') }`,
    otel: { platform: 'nextjs' },
  },
}

async function buildConfig(bundler: string, platform: string, used: string): Promise<string> {
  const { file, source, otel } = platforms[platform]!
  const cache = path.join(import.meta.dirname, '../.cache')
  mkdirSync(cache, { recursive: true })
  const root = mkdtempSync(path.join(cache, 'shaken-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    writeFileSync(path.join(root, name), text)
  }
  write('package.json', '{ "type": "module" }')
  symlinkSync(path.join(import.meta.dirname, '../node_modules'), path.join(root, 'node_modules'))
  write(file, source)
  write('src/run.ts', RUN)
  const from = path
    .relative('src', file)
    .replace(/^(?!\.)/, './')
    .replace('.ts', '')
  write('src/config.ts', `import { ${used} as used } from '${from}'\nexport { used }\n`)
  const entries = { config: path.join(root, 'src/config.ts') }
  const build: Build = { root, entries, outdir: path.join(root, 'dist'), format: 'esm', otel }
  const { output } = await buildSilently(tier1[bundler]!, build)
  // webpack leaves what is unused to the minifier.
  const code = readFileSync(output('config'), 'utf8')
  return (await transform(code, { treeShaking: true, format: 'esm', legalComments: 'none' })).code
}

const OURS = /__otel|OTEL_|instrument/

describe.each(Object.keys(tier1))('%s', (bundler) => {
  test.each(Object.keys(platforms))('%s', async (platform) => {
    const code = await buildConfig(bundler, platform, 'retries')
    expect(code).not.toMatch(OURS)
    expect(code.length).toBeLessThan(1000)
    expect((await import(`data:text/javascript,${encodeURIComponent(code)}`)).used).toBe(3)
  })

  test.each([
    ['aws-lambda', 'handler'],
    ['cloudflare', 'Legacy'],
    ['nextjs', 'POST'],
  ])('%s: what is used is there, and nothing that wraps by hand', async (platform, used) => {
    const code = await buildConfig(bundler, platform, used)
    expect(code).toMatch(OURS)
    expect(code).not.toContain('wrapHandler')
  })

  test('by hand: its name is there', async () => {
    expect(await buildConfig(bundler, 'by hand', 'handler')).toContain('wrapHandler')
  })
})
