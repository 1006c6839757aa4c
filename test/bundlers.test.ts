/** The same function through every bundler of the family, with everything else external, under the emulated Lambda. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import rolldownOtel from 'unplugin-otel/rolldown'
import rollupOtel from 'unplugin-otel/rollup'
import rspackOtel from 'unplugin-otel/rspack'
import webpackOtel from 'unplugin-otel/webpack'
import type { Options } from 'unplugin-otel/rollup'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { invoke, run } from './deploy.ts'
import { compareLedger, readLedger } from './harness/ledger.ts'

const root = path.resolve(import.meta.dirname, '..')
const project = path.join(root, 'test/projects/bundlers')

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

interface Build {
  readonly cache?: string
  readonly folder: string
  readonly entry: string
  readonly outfile: string
  readonly format: 'esm' | 'cjs'
  readonly otel: Options | false
}

// Types are checked before the project is installed.
// oxlint-disable-next-line typescript/no-explicit-any
const load = (): Promise<any> => import(pathToFileURL(path.join(project, 'index.js')).href)

/** Everything that is no file of the project stays outside, as people who deploy `node_modules` have it. */
const isPackage = (id: string) => !/^[./]|^unplugin-otel/.test(id) && !path.isAbsolute(id)

async function rollupLike(name: 'rollup' | 'rolldown', { entry, outfile, format, otel }: Build): Promise<string[]> {
  const create = name === 'rollup' ? rollupOtel : rolldownOtel
  const warnings: string[] = []
  const bundle = await (
    await load()
  )[name]({
    input: entry,
    external: isPackage,
    plugins: otel ? [create({ enabled: true, ...otel })] : [],
    ...(name === 'rolldown' ? { platform: 'node' } : {}),
    onLog: (_level: string, { message }: { message: string }) => void warnings.push(message),
  })
  await bundle.write({ file: outfile, format: format === 'esm' ? 'es' : 'cjs', exports: 'named' })
  await bundle.close()
  return warnings
}

async function webpackLike(
  name: 'webpack' | 'rspack',
  { folder, entry, outfile, format, otel, cache }: Build,
): Promise<string[]> {
  const { [name]: create, nodeExternals } = await load()
  const plugin = name === 'webpack' ? webpackOtel : rspackOtel
  const isEsm = format === 'esm'
  const compiler = create({
    context: folder,
    mode: 'production',
    target: 'node20',
    ...(cache && { cache: { type: 'filesystem', cacheDirectory: cache } }),
    entry,
    externals: [nodeExternals({ importType: isEsm ? 'module' : 'commonjs' })],
    externalsPresets: { node: true },
    experiments: isEsm ? { outputModule: true } : {},
    output: {
      path: path.dirname(outfile),
      filename: path.basename(outfile),
      library: { type: isEsm ? 'module' : 'commonjs2' },
      ...(isEsm && { module: true, chunkFormat: 'module' }),
    },
    plugins: otel ? [plugin({ enabled: true, ...otel })] : [],
  })
  // oxlint-disable-next-line typescript/no-explicit-any
  const stats = await new Promise<any>((resolve, reject) => {
    compiler.run((error: Error | null, result: unknown) => (error ? reject(error) : resolve(result)))
  })
  await new Promise((resolve) => compiler.close(resolve))
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true })
  if (errors.length > 0) throw new Error(errors.map(({ message }: Error) => message).join('\n'))
  return warnings.map(({ message }: Error) => message)
}

/** Bun's bundler runs in Bun, and so do its plugins. */
async function bun({ entry, outfile, format, otel }: Build): Promise<string[]> {
  const binary = path.join(project, 'node_modules/@oven/bun-linux-x64/bin/bun')
  const build = JSON.stringify({ entry, outfile, format, otel: otel && { enabled: true, ...otel } })
  const { status, stderr } = spawnSync(binary, [path.join(project, 'bun-build.js'), build], {
    cwd: path.dirname(path.dirname(entry)),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  process.stderr.write(stderr)
  return stderr.includes('nothing is wrapped') ? [stderr] : []
}

const bundlers: Record<string, (build: Build) => Promise<string[]>> = {
  rollup: (build) => rollupLike('rollup', build),
  rolldown: (build) => rollupLike('rolldown', build),
  webpack: (build) => webpackLike('webpack', build),
  rspack: (build) => webpackLike('rspack', build),
  // Its binary for Linux on x64 is what the project's lockfile brings here.
  ...(process.platform === 'linux' && process.arch === 'x64' && { bun }),
}

async function buildWith(name: string, format: 'esm' | 'cjs', otel: Options | false, source = HANDLER) {
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(path.join(root, '.cache/bundler-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  writeFileSync(
    path.join(folder, 'package.json'),
    '{ "type": "module", "devDependencies": { "@types/aws-lambda": "*" } }',
  )
  const entry = path.join(folder, 'src/handler.js')
  mkdirSync(path.dirname(entry))
  writeFileSync(entry, source)
  // Apart from the project: nothing there but what was built.
  const deployed = mkdtempSync(path.join(tmpdir(), 'deployed-'))
  onTestFinished(() => rmSync(deployed, { recursive: true, force: true }))
  const outfile = path.join(deployed, format === 'esm' ? 'index.mjs' : 'index.cjs')
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder)
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const warnings = await bundlers[name]!({ folder, entry, outfile, format, otel })
    return { deployed, warnings, printed: printed.mock.calls.join(''), code: readFileSync(outfile, 'utf8') }
  } finally {
    cwd.mockRestore()
    printed.mockRestore()
  }
}

describe.each(Object.keys(bundlers))('%s', (name) => {
  test.each(['esm', 'cjs'] as const)('%s: registered, nothing lost, nothing of ours outside', async (format) => {
    const { deployed, printed, warnings } = await buildWith(name, format, {})
    expect(printed).toMatch(
      /aws-lambda, node \(@types\/aws-lambda in package\.json\)\n {2}wrapped {2}src\/handler\.js:\d+ handler/,
    )
    expect(warnings.filter((text) => text.includes('unplugin-otel'))).toEqual([])
    const deployment = await run(deployed)
    for (let i = 0; i < 5; i++) {
      expect((await invoke(deployment, { name: 'me' })).text).toBe('{"statusCode":200,"body":"hello me"}')
    }
    expect(deployment.lambda.coldStart.registered).toEqual(['unplugin-otel'])
    const ledger = compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)
    expect(ledger).toMatchObject({ started: 10, lost: [], duplicated: [], unexpected: [] })
  })

  test('nothing wrapped is a warning; options are checked; `enabled: false` changes nothing', async () => {
    const { warnings } = await buildWith(name, 'esm', {}, 'export const table = {}\n')
    expect(warnings.join('\n')).toMatch(/nothing is wrapped: no handler export for aws-lambda in .*src\/handler\.js/)
    await expect(buildWith(name, 'esm', { batchng: 'immediate' } as Options)).rejects.toThrow(
      /unknown option 'batchng'\nDid you mean 'batching'\?/,
    )
    const plain = 'export const handler = async () => 1\n'
    const off = await buildWith(name, 'esm', { enabled: false }, plain)
    expect(off.code).toBe((await buildWith(name, 'esm', false, plain)).code)
  })
})

test('webpack: a persistent cache never serves what other options had wrapped', async () => {
  const cache = mkdtempSync(path.join(tmpdir(), 'webpack-cache-'))
  const folder = mkdtempSync(path.join(tmpdir(), 'webpack-cached-'))
  for (const made of [cache, folder]) onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  writeFileSync(
    path.join(folder, 'package.json'),
    '{ "type": "module", "devDependencies": { "@types/aws-lambda": "*" } }',
  )
  const [entry, outfile] = [path.join(folder, 'handler.js'), path.join(folder, 'dist/index.mjs')]
  writeFileSync(entry, 'export const handler = async () => 1\nexport const other = async () => 2\n')
  const build = async (otel: Options) => {
    await webpackLike('webpack', { folder, entry, outfile, format: 'esm', otel: { report: false, ...otel }, cache })
    return readFileSync(outfile, 'utf8')
  }
  const first = await build({ serviceName: 'first' })
  expect(await build({ serviceName: 'first' })).toBe(first)
  expect(await build({ serviceName: 'second' })).toContain('second')
  expect(await build({ handlers: ['other'] })).toContain('"other"')
})
