/** The same function through every bundler of the family, with everything else external, under the emulated Lambda. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Options } from 'unplugin-otel/rollup'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tier1, tier2, type Build } from './bundlers/index.ts'
import { buildSilently } from './bundlers/silent-build.ts'
import { invoke, run } from './deploy.ts'
import { ran } from './ran.ts'
import { compareLedger, readLedger } from './harness/ledger.ts'

const root = path.resolve(import.meta.dirname, '..')

const HANDLER = `
import { appendFileSync } from 'node:fs'
import { trace } from '@opentelemetry/api'
const note = (span) => {
  const { traceId, spanId } = span.spanContext()
  appendFileSync(process.env.LEDGER_FILE, JSON.stringify({ traceId, spanId, name: 'span' }) + '\\n')
}
export const handler = async (event) => {
  note(trace.getActiveSpan())
  const child = trace.getTracer('app').startSpan('child')
  note(child)
  child.end()
  return { statusCode: 200, body: 'hello ' + (event.name ?? 'you') }
}
`

const bundlers = { ...tier1, ...tier2 }

function createFolder(parent: string): string {
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(path.join(parent, 'bundler-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function createProject(source: string) {
  const folder = createFolder(path.join(root, '.cache'))
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  const manifest = '{ "type": "module", "devDependencies": { "@types/aws-lambda": "*" } }'
  writeFileSync(path.join(folder, 'package.json'), manifest)
  const entry = path.join(folder, 'src/index.js')
  mkdirSync(path.dirname(entry))
  writeFileSync(entry, source)
  return { folder, entry }
}

async function buildWith(name: string, build: Build) {
  const { output, ...said } = await buildSilently(bundlers[name]!, build)
  return { ...said, code: readFileSync(output(), 'utf8') }
}

/** The output is apart from the project: nothing is there but what was built. */
async function buildHandler(name: string, format: 'esm' | 'cjs', otel: Options | false, source = HANDLER) {
  const { folder, entry } = createProject(source)
  const outdir = createFolder(tmpdir())
  return { outdir, ...(await buildWith(name, { root: folder, entries: { index: entry }, outdir, format, otel })) }
}

// esbuild and Vite are the subject of most other tests.
describe.each(Object.keys(bundlers).filter((name) => name !== 'esbuild' && name !== 'vite'))('%s', (name) => {
  test.each(['esm', 'cjs'] as const)('%s: registered, nothing lost, nothing of ours outside', async (format) => {
    const { outdir, printed, warnings } = await buildHandler(name, format, {})
    expect(printed).toMatch(
      /aws-lambda, node \(@types\/aws-lambda in package\.json\)\n(?:<i> )? {2}wrapped {2}src\/index\.js:\d+:\d+ handler/,
    )
    expect(warnings.filter((text) => text.includes('unplugin-otel'))).toEqual([])
    const deployment = await run(outdir)
    for (let i = 0; i < 5; i++) {
      expect((await invoke(deployment, { name: 'me' })).text).toBe('{"statusCode":200,"body":"hello me"}')
    }
    expect(deployment.lambda.coldStart.registered).toEqual(['unplugin-otel'])
    const ledger = compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)
    expect(ledger).toMatchObject({ started: 10, lost: [], duplicated: [], unexpected: [] })
    ran(name, 'Lambda', format === 'esm' ? 'ESM' : 'CommonJS')
  })

  test('strict: a near-miss fails the build, and only that', async () => {
    const handler = 'export const handler = async () => 1\n'
    const { printed } = await buildHandler(name, 'esm', { strict: true, report: 'json' }, handler)
    expect(JSON.parse(printed.split('\n').find((line) => line.startsWith('{'))!)).toMatchObject({
      version: 1,
      bundler: name,
      platform: 'aws-lambda',
      handlers: [{ path: 'src/index.js', line: 1, column: 14, name: 'handler', kind: 'onEvent' }],
      diagnostics: [],
    })
    await expect(
      buildHandler(name, 'esm', { strict: true }, `${handler}export function Handler() {}\n`),
    ).rejects.toThrow(
      /src\/index\.js:2:17 Handler: a function, but not one of handler, [^]*rename it to handler[^]*UO107 https/,
    )
  })

  test('nothing wrapped is a warning; options are checked; `enabled: false` changes nothing', async () => {
    const { warnings } = await buildHandler(name, 'esm', {}, 'export const table = {}\n')
    expect(warnings.join('\n')).toMatch(/nothing is wrapped: looked for .* in .*src\/index\.js/)
    await expect(buildHandler(name, 'esm', { batchng: 'immediate' } as Options)).rejects.toThrow(
      /unknown option 'batchng'\nDid you mean 'batching'\?/,
    )
    const plain = 'export const handler = async () => 1\n'
    const off = await buildHandler(name, 'esm', { enabled: false }, plain)
    expect(off.code).toBe((await buildHandler(name, 'esm', false, plain)).code)
  })
})

test.each(['rollup', 'webpack', 'rspack', 'farm'])(
  '%s: a cache never serves what other options had wrapped',
  async (name) => {
    const { folder, entry } = createProject(
      'export const handler = async () => 1\nexport const other = async () => 2\n',
    )
    const [outdir, cache] = [createFolder(tmpdir()), createFolder(tmpdir())]
    const build = (otel: Options) =>
      buildWith(name, { root: folder, entries: { index: entry }, outdir, format: 'esm', otel, cache })
    const first = await build({ serviceName: 'first' })
    const again = await build({ serviceName: 'first' })
    expect(again.code).toBe(first.code)
    // Where nothing is read again, nothing is wrong.
    expect(again).toMatchObject({ warnings: [], printed: expect.stringMatching(/^(<i> )? {2}(cached|wrapped) /m) })
    expect((await build({ serviceName: 'second' })).code).toContain('second')
    expect((await build({ handlers: ['other'] })).code).toContain('"other"')
    ran(name, 'warm cache')
  },
)

test.each(['esbuild', 'vite', 'rollup', 'rolldown', 'webpack', 'rspack'])(
  '%s: a configuration with the plugin twice: one wrapper, one root a call',
  async (name) => {
    const { folder, entry } = createProject(HANDLER)
    const outdir = createFolder(tmpdir())
    const build = { root: folder, entries: { index: entry }, outdir, format: 'esm', otel: {}, copies: 2 } as const
    const { code } = await buildWith(name, build)
    expect(code.match(/\bfile"?: ?"src\/index\.js"/g)).toHaveLength(1)
    const deployment = await run(outdir)
    for (let i = 0; i < 2; i++) expect((await invoke(deployment, { name: 'me' })).ok).toBe(true)
    expect(deployment.lambda.coldStart.registered).toEqual(['unplugin-otel'])
    expect(deployment.receiver.requests).toHaveLength(2)
    expect(deployment.receiver.traces()).toMatchObject(
      Array.from({ length: 2 }, () => ({ roots: [{ children: [{ name: 'child', children: [] }] }] })),
    )
  },
)
