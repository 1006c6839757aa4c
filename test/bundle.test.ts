/** What lands in a user's function: bytes by part, what is forbidden, what is unused and therefore absent. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import type { Options } from 'unplugin-otel/esbuild'
import { expect, test } from 'vitest'
import { buildFunction, type DeployOptions } from './deploy.ts'
import { floorOf } from './floor.ts'

const FLOOR = floorOf('export const handler = () => run((bytes) => bytes)')
const HANDLER = `export const handler = async () => 1\n`
const OURS_LIMIT = 8000
/** Without calls of others, which have a limit of their own. */
const BASE = { libraries: false } as const
const OUTGOING_LIMIT = 2000

async function bundle(source: string, options: DeployOptions): Promise<string> {
  const folder = await buildFunction(source, { ...options, esbuild: { minify: true, ...options.esbuild } })
  return readFileSync(path.join(folder, options.format === 'cjs' ? 'index.cjs' : 'index.mjs'), 'utf8')
}

const gzipped = (text: string): number => gzipSync(text, { level: 9 }).length

test('ours is at most 8 kB over the floor, and the README says how much', async () => {
  const floors = {
    esm: gzipped(await bundle(FLOOR, { otel: false, extension: 'js' })),
    cjs: gzipped(await bundle(FLOOR, { otel: false, extension: 'js', format: 'cjs' })),
  }
  const bare = gzipped(await bundle(HANDLER, { otel: false }))
  const sizes = {
    esm: gzipped(await bundle(HANDLER, { otel: BASE })),
    cjs: gzipped(await bundle(HANDLER, { otel: BASE, format: 'cjs' })),
    protobuf: gzipped(await bundle(HANDLER, { otel: { ...BASE, protocol: 'http/protobuf' } })),
    outgoing: gzipped(await bundle(HANDLER, {})),
  }
  const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1)
  const ours = { esm: sizes.esm - floors.esm, cjs: sizes.cjs - floors.cjs }
  const outgoing = sizes.outgoing - sizes.esm
  console.log(
    `gzip: bare ${bare} B, floor ${floors.esm} B, ours esm +${ours.esm} B, cjs +${ours.cjs} B, protobuf instead of JSON +${sizes.protobuf - sizes.esm} B, outgoing calls +${outgoing} B`,
  )
  expect(outgoing).toBeLessThanOrEqual(OUTGOING_LIMIT)
  expect(Math.max(ours.esm, ours.cjs)).toBeLessThanOrEqual(OURS_LIMIT)
  const readme = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8')
  expect(readme).toContain(`${kilobytes(sizes.esm)} kB gzip, of which ${kilobytes(floors.esm)} kB`)
})

test('what is not used is absent, and what a bundle must not hold is not there', async () => {
  const json = await bundle(HANDLER, { otel: BASE })
  const protobuf = await bundle(HANDLER, { otel: { ...BASE, protocol: 'http/protobuf' } })
  for (const text of [json, protobuf, await bundle(HANDLER, {})]) {
    // A built-in as an import costs its load time on every cold start; only context/als.ts has one.
    expect(
      [...text.matchAll(/from\s*["']([^"']+)["']|import\s*["']([^"']+)["']|require\(["']([^"']+)["']\)/g)].map(
        (match) => match[1],
      ),
    ).toEqual(['node:async_hooks'])
    expect(text).not.toMatch(
      /BatchSpanProcessor|ConsoleSpanExporter|InMemorySpanExporter|StackContextManager|TraceIdRatioBased|sdk-metrics|sdk-logs/,
    )
    expect(text).not.toMatch(/\bBuffer\b/)
    expect(text).not.toContain(import.meta.dirname)
  }
  expect(json).not.toMatch(/undici|http\.client|url\.full|openai/)
  expect(json).not.toContain('application/x-protobuf')
  expect(protobuf).not.toContain('application/json')
})

test.each<[name: string, options: Options, limit: number, own: RegExp]>([
  ['responseHeader', { responseHeader: 'x-trace-id' }, 1250, /x-middleware-next/],
  ['captureHeaders', { captureHeaders: { request: ['x-a'], response: ['x-a'] } }, 1350, /\.header\./],
  ['trustIncoming', { trustIncoming: false }, 250, /spanId\)?,\w+\)/],
  ['baggage', { libraries: 'auto', propagateTo: { baggage: ['a'] } }, 2800, /"baggage"/],
  ['ignore', { ignore: ['/health'] }, 450, /new RegExp/],
  ['aws-sdk', { libraries: ['aws-sdk'] }, 3000, /aws-api/],
])('%s adds what it says, and nothing where it is not set', async (name, otel, limit, own) => {
  const without = await bundle(HANDLER, { otel: BASE })
  const text = await bundle(HANDLER, { otel: { ...BASE, ...otel } })
  const bytes = gzipped(text) - gzipped(without)
  console.log(`gzip: ${name} +${bytes} B`)
  expect(bytes).toBeLessThanOrEqual(limit)
  expect(text).toMatch(own)
  expect(without).not.toMatch(own)
})

test.each<[key: string, limit: number]>([
  ['onStart', 1050],
  ['context', 880],
  ['resource', 440],
  ['spanProcessors', 800],
  ['exporters', 880],
  ['instrumentations', 370],
  ['sampler', 580],
  ['headers', 830],
  ['redact', 960],
  ['carrier', 390],
  ['ignore', 590],
])('otel.config.ts: %s adds what it says, and nothing where it is not there', async (key, limit) => {
  const without = await bundle(HANDLER, { config: 'export default {}\n' })
  const text = await bundle(HANDLER, { config: `export default { ${key}: globalThis.given }\n` })
  const bytes = gzipped(text) - gzipped(without)
  console.log(`gzip: ${key} +${bytes} B`)
  expect(bytes).toBeLessThanOrEqual(limit)
  expect(text).toContain('UO240')
  expect(without).not.toContain('UO240')
})

test.each<[name: string, call: string, limit: number, own: RegExp]>([
  ['traced', "traced('a', () => 1)", 1850, /readableEnded/],
  ['withContext', "withContext({ userId: 'a' }, () => 1)", 1550, /gen_ai\.conversation\.id/],
  ['sendEvent', "sendEvent('a')", 450, /are reserved/],
  ['sendException', 'sendException(1)', 400, /"exception",\(?\w+=>/],
  ['log', 'log({ a: 1 })', 280, /UO230/],
  ['flush', 'flush()', 200, /timeoutMillis/],
])('by hand: %s adds what it says, and nothing where it is not called', async (name, call, limit, own) => {
  const without = await bundle(HANDLER, { otel: BASE })
  const source = `import { ${name} } from 'unplugin-otel/runtime'\nexport const handler = async () => ${call}\n`
  const text = await bundle(source, { otel: BASE })
  const bytes = gzipped(text) - gzipped(without)
  console.log(`gzip: ${name}() +${bytes} B`)
  expect(bytes).toBeLessThanOrEqual(limit)
  expect(text).toMatch(own)
  expect(without).not.toMatch(own)
})

test('bytes by part, minified', async () => {
  // From source, because dist is one bundle already; the same bytes but for a few of the bundler's own.
  const part = (input: string) =>
    /@opentelemetry\/([\w-]+)/.exec(input)?.[1] ?? (input.includes('src/runtime') ? 'ours' : 'emitted')
  const { metafile } = await build({
    stdin: {
      contents: `
        import { instrument, setup } from './src/runtime/node.ts'
        import { onEvent } from './src/runtime/platforms/aws-lambda.ts'
        import { host, register } from './src/runtime/hosts/aws-lambda.ts'
        import { als } from './src/runtime/context/als.ts'
        import { encoding } from './src/runtime/encoding/json.ts'
        const s = setup({}, host, als, encoding)
        export const handler = instrument(onEvent, async () => 1, { file: 'f', name: 'handler', line: 1 }, s)
        await register(s, ['handler'])`,
      resolveDir: path.join(import.meta.dirname, '..'),
      loader: 'ts',
    },
    define: { __VERSION__: '"0.0.0"' },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
  })
  const [{ bytes, inputs } = { bytes: 0, inputs: {} }] = Object.values(metafile.outputs)
  const parts: Record<string, number> = {}
  for (const [input, { bytesInOutput }] of Object.entries(inputs))
    parts[part(input)] = (parts[part(input)] ?? 0) + bytesInOutput
  console.log(
    Object.entries(parts)
      .toSorted((a, b) => b[1] - a[1])
      .map(([name, size]) => `${name} ${size} B`)
      .join(', '),
    `of ${bytes} B`,
  )
  expect(Object.keys(parts).toSorted()).toEqual([
    'api',
    'core',
    'emitted',
    'otlp-transformer',
    'ours',
    'resources',
    'sdk-trace',
    'semantic-conventions',
  ])
  expect(parts['ours']).toBeLessThan(bytes / 2)
})
