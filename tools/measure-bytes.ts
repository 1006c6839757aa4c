/**
 * What the plugin adds to a handler that does nothing, minified and compressed, for each platform, target and encoding:
 * `dist/plugin/bytes.json`, which `unplugin-otel explain` reads. Runs after each build of the package.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type BuildOptions } from 'esbuild'
import type { MeasuredBytes } from '../src/cli/explain/bytes.ts'
import { platforms } from '../src/plugin/known-platforms.ts'
import type { Options } from '../src/plugin/options.ts'
import { floorOf } from '../test/floor.ts'

type Target = 'edge' | 'node'
type Encoding = 'json' | 'protobuf'
interface Example {
  readonly file: string
  readonly code: string
}

const root = resolve(import.meta.dirname, '..')
const PAGE = `export default () => new Response('hi')\n`

/** The least that the platform calls. A platform that is not here is not measured. */
const EXAMPLES: Readonly<Record<string, (target: Target) => Example>> = {
  'aws-lambda': () => ({ file: 'index.ts', code: `export const handler = async () => 1\n` }),
  'azure-functions': () => ({
    file: 'index.ts',
    code: `import { app } from '@azure/functions'\napp.http('a', { handler: () => ({}) })\n`,
  }),
  cloudflare: () => ({ file: 'worker.ts', code: `export default { fetch: () => new Response('hi') }\n` }),
  firebase: () => ({
    file: 'index.ts',
    code: `import { onRequest } from 'firebase-functions/https'\nexport const a = onRequest((_, response) => response.end())\n`,
  }),
  'google-cloud-functions': () => ({
    file: 'index.ts',
    code: `import { http } from '@google-cloud/functions-framework'\nhttp('a', (_, response) => response.end())\n`,
  }),
  netlify: (target) => ({ file: `netlify/${target === 'edge' ? 'edge-functions' : 'functions'}/a.ts`, code: PAGE }),
  nextjs: () => ({ file: 'app/route.ts', code: `export const GET = () => new Response('hi')\n` }),
  'node-server': () => ({
    file: 'index.ts',
    code: `import { createServer } from 'node:http'\ncreateServer((_, response) => response.end()).listen()\n`,
  }),
}

/** As the platforms' own tools resolve. */
const CONDITIONS: Readonly<Record<string, string[]>> = {
  cloudflare: ['workerd', 'worker', 'browser'],
  netlify: ['netlify'],
  nextjs: ['edge-light'],
}

/** @param otel the plugin for esbuild, as it was built */
async function measureBytes(otel: (options: Options) => never, folder: string): Promise<MeasuredBytes> {
  const floors = new Map<string, Promise<number>>()
  const floor = (target: Target, encoding: Encoding) => {
    const key = `${target}/${encoding}`
    if (!floors.has(key)) floors.set(key, measure({ ...optionsFor(target), ...floorEntry(target, encoding) }))
    return floors.get(key)!
  }
  const measured = platforms.flatMap(({ id, hosts }) =>
    (Object.keys(hosts) as Target[]).flatMap((target) =>
      (['json', 'protobuf'] as const).map(async (encoding) => {
        const example = EXAMPLES[id]?.(target)
        if (!example) return []
        const protocol = encoding === 'json' ? 'http/json' : 'http/protobuf'
        const absWorkingDir = write(join(folder, id, target), id, example)
        const plugins = [otel({ enabled: true, report: false, platform: id as never, target, protocol })]
        const entryPoints = [example.file]
        const total = await measure({ ...optionsFor(target, CONDITIONS[id]), absWorkingDir, entryPoints, plugins })
        const least = await floor(target, encoding)
        return [[`${id}/${target}/${encoding}`, { floor: least, ours: total - least }] as const]
      }),
    ),
  )
  return { version: 1, sizes: Object.fromEntries((await Promise.all(measured)).flat()) }
}

function optionsFor(target: Target, conditions = CONDITIONS['cloudflare']!): BuildOptions {
  const edge: BuildOptions = { platform: 'neutral', target: 'es2022', mainFields: ['module', 'main'], conditions }
  return {
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
    ...(target === 'edge' ? edge : { platform: 'node', target: 'node22' }),
    // What its own users have installed, and what the platform has.
    external: ['node:*', 'cloudflare:*', '@azure/functions', 'firebase-functions', '@google-cloud/functions-framework'],
  }
}

function floorEntry(target: Target, encoding: Encoding): BuildOptions {
  const handler =
    target === 'edge'
      ? 'export default { fetch: () => run((bytes) => new Response(bytes)) }'
      : 'export const handler = () => run((bytes) => bytes)'
  return { stdin: { contents: floorOf(handler, encoding), resolveDir: root } }
}

function write(folder: string, platform: string, { file, code }: Example): string {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), code)
  const dependencies = platform === 'azure-functions' ? { '@azure/functions': '*' } : {}
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies }))
  // It says that it has AsyncLocalStorage, as most do.
  const wrangler = { main: file, compatibility_flags: ['nodejs_als'] }
  if (platform === 'cloudflare') writeFileSync(join(folder, 'wrangler.json'), JSON.stringify(wrangler))
  return folder
}

async function measure(options: BuildOptions): Promise<number> {
  const { outputFiles } = await build(options)
  return gzipSync(outputFiles![0]!.text, { level: 9 }).length
}

export async function writeBytes(): Promise<void> {
  const { default: otel } = await import(join(root, 'dist/plugin/esbuild.js'))
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/measure-bytes-'))
  try {
    const measured = await measureBytes(otel, folder)
    writeFileSync(join(root, 'dist/plugin/bytes.json'), `${JSON.stringify(measured, undefined, 2)}\n`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) await writeBytes()
