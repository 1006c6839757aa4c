/** What lands in a user's Worker: bytes over the floor, no Node built-in, nothing that is not used. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import otel, { type Options } from 'unplugin-otel/esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { floorOf } from './floor.ts'

const FLOOR = floorOf('export default { fetch: () => run((bytes) => new Response(bytes)) }')
const WORKER = `export default { fetch: () => new Response('hi') }\n`
const OURS_LIMIT = 6000
/** Without calls of others, which have a limit of their own. */
const BASE = { libraries: false } as const
const OUTGOING_LIMIT = 1300

interface Built {
  readonly text: string
  readonly bytes: number
}

async function bundle(
  source: string,
  options: Options | false,
  flags: string[] = ['nodejs_als'],
  date = '2026-07-01',
): Promise<Built> {
  const root = path.resolve(import.meta.dirname, '..')
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(path.join(root, '.cache/worker-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(path.join(folder, 'worker.js'), source)
  writeFileSync(path.join(folder, 'package.json'), '{}')
  const wrangler = { main: 'worker.js', compatibility_date: date, compatibility_flags: flags }
  writeFileSync(path.join(folder, 'wrangler.json'), JSON.stringify(wrangler))
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: ['worker.js'],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    mainFields: ['module', 'main'],
    // As wrangler resolves.
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', ...(options ? [] : ['node:*'])],
    write: false,
    plugins: options ? [otel({ enabled: true, report: false, ...options })] : [],
  })
  const { text } = outputFiles[0]!
  return { text, bytes: gzipSync(text, { level: 9 }).length }
}

test('ours is at most 6 kB over the floor, and the README says how much', async () => {
  const floor = await bundle(FLOOR, false)
  const als = await bundle(WORKER, BASE)
  const stack = await bundle(WORKER, BASE, [])
  const outgoing = (await bundle(WORKER, {})).bytes - als.bytes
  console.log(
    `gzip: floor ${floor.bytes} B, ours +${als.bytes - floor.bytes} B with AsyncLocalStorage, +${stack.bytes - floor.bytes} B without, outgoing calls +${outgoing} B`,
  )
  expect(outgoing).toBeLessThanOrEqual(OUTGOING_LIMIT)
  expect(Math.max(als.bytes, stack.bytes) - floor.bytes).toBeLessThanOrEqual(OURS_LIMIT)
  const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1)
  expect(readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8')).toContain(
    `a Worker ${kilobytes(als.bytes)} kB, of which ${kilobytes(floor.bytes)} kB`,
  )
})

const importsOf = (text: string) =>
  [...text.matchAll(/(?:from|import|require)\s*\(?["']([^"']+)["']/g)].map((match) => match[1])

test.each<[string[], string, string[]]>([
  [['nodejs_als'], '2026-07-01', ['node:async_hooks']],
  [['nodejs_compat'], '2026-07-01', ['node:async_hooks']],
  [[], '2026-08-04', ['node:async_hooks']],
  [[], '2026-07-01', []],
  [['no_nodejs_compat', 'no_nodejs_compat_v2'], '2026-08-04', []],
])('flags %j at %s: the imports are %j', async (flags, date, imports) => {
  const { text } = await bundle(WORKER, {}, flags, date)
  expect(importsOf(text)).toEqual(imports)
  expect(text.includes('async_hooks')).toBe(imports.length > 0)
})

test('what is not used is absent', async () => {
  const { text } = await bundle(WORKER, BASE)
  expect(text).not.toMatch(/url\.full|openai/)
  expect(text).not.toMatch(/getBuiltinModule|setGlobalPropagator|BatchSpanProcessor|createCounter|RandomIdGenerator/)
  expect(text).not.toMatch(/faas\.cron|messaging\.|rpc\.|aws|application\/x-protobuf|\bBuffer\b/)
  const whole = `import { DurableObject } from 'cloudflare:workers'
    export class Counter extends DurableObject { increment() {} }
    export default { fetch() {}, scheduled() {}, queue() {} }`
  const used = await bundle(whole, {})
  expect(used.text).toMatch(/faas\.cron/)
  expect(used.text).toMatch(/rpc\.method/)
  console.log(`gzip: scheduled, queue and a Durable Object +${used.bytes - (await bundle(WORKER, {})).bytes} B`)
})
