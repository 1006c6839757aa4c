/** What telemetry adds to a bundle, minified and compressed, by source file. */
import { gzipSync } from 'node:zlib'
import { build, type BuildOptions } from 'esbuild'
import path from 'node:path'
import otel from 'unplugin-otel/esbuild'
import { floorOf } from '../test/floor.ts'
import { base, functions } from './bundles.ts'
import { createLocator } from './sources.ts'

export interface Bytes {
  readonly bare: number
  /** API, SDK and serializer with the least glue. */
  readonly floor: number
  readonly total: number
  /** By file of ours: how much smaller the bundle is without its text. */
  readonly parts: Record<string, number>
}

export async function lambdaBytes(): Promise<Bytes> {
  const options = base('nothing.ts')
  const floor = floorOf('export const handler = () => run((bytes) => bytes)')
  return bytesOf(options, floor, { platform: 'aws-lambda' })
}

export async function workerBytes(): Promise<Bytes> {
  const options: BuildOptions = {
    ...base('worker.ts'),
    absWorkingDir: path.join(functions, 'worker'),
    platform: 'neutral',
    target: 'es2022',
    mainFields: ['module', 'main'],
    // As wrangler resolves.
    conditions: ['workerd', 'worker', 'browser'],
  }
  return bytesOf(options, floorOf('export default { fetch: () => run((bytes) => new Response(bytes)) }'))
}

async function bytesOf(options: BuildOptions, floor: string, more?: Parameters<typeof otel>[0]): Promise<Bytes> {
  const { entryPoints: _entry, ...rest } = options
  const stdin = { contents: floor, resolveDir: functions }
  const ours = await minified({ ...options, plugins: [otel({ report: false, ...more })] })
  return {
    bare: gzipped((await minified(options)).text),
    floor: gzipped((await minified({ ...rest, stdin, external: ['node:*'] })).text),
    total: gzipped(ours.text),
    parts: partsOf(ours),
  }
}

interface Minified {
  readonly text: string
  readonly map: string
  readonly folder: string
}

async function minified(options: BuildOptions): Promise<Minified> {
  const folder = options.absWorkingDir!
  const outfile = path.join(folder, 'bundle.mjs')
  const { outputFiles } = await build({ ...options, outfile, minify: true, sourcemap: 'external', write: false })
  const [map, code] = outputFiles!.toSorted((a, b) => Number(b.path.endsWith('.map')) - Number(a.path.endsWith('.map')))
  return { text: code!.text, map: map!.text, folder }
}

function partsOf({ text, map, folder }: Minified): Record<string, number> {
  const locate = createLocator(map, folder)
  const owners: (string | undefined)[] = []
  text.split('\n').forEach((line, at) => {
    for (let column = 0; column <= line.length; column++) owners.push(locate(at, column))
  })
  const parts: Record<string, number> = {}
  const total = gzipped(text)
  for (const name of new Set(owners)) {
    if (!name?.startsWith('src/')) continue
    const others = Array.from(text).filter((_, at) => owners[at] !== name)
    parts[name] = total - gzipped(others.join(''))
  }
  return Object.fromEntries(Object.entries(parts).toSorted((a, b) => b[1] - a[1]))
}

function gzipped(text: string): number {
  return gzipSync(text, { level: 9 }).length
}
