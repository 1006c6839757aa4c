/** CommonJS as Node loads it without a bundler: what `import()` and `require` give, transformed and as written. */
import { execFile } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { transform } from '../src/plugin/transform.ts'
import { repository } from './bundlers/build.ts'
import { deploy, expectAfterResponse, invoke } from './deploy.ts'
import type { Task } from './commonjs/load.ts'
import { startReceiver, type Receiver } from './harness/otlp-receiver.ts'
import { createFacts } from './plugin/facts.ts'
import { standIns } from './plugin/stand-ins.ts'
import { fromText, toSections } from './tiers/trace.ts'

const run = promisify(execFile)
const folder = path.join(import.meta.dirname, 'fixtures/aws-lambda')
const fixtures = readdirSync(folder).filter(
  (file) => /^(ignore-|own-names-)?cjs\b.*\.c?js$/.test(file) && file !== 'cjs-in-esm.js',
)
/** The stand-in in CommonJS: the lexer follows `require` to no other. */
const ORDERS = "exports.handler = async (event) => ['handled', event.id]\nexports.table = 'orders'"
let root: string
let receiver: Receiver

beforeAll(async () => {
  receiver = await startReceiver()
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'otel-commonjs-')))
  mkdirSync(path.join(root, 'node_modules/@opentelemetry'), { recursive: true })
  symlinkSync(repository, path.join(root, 'node_modules/unplugin-otel'), 'junction')
})
afterAll(async () => {
  rmSync(root, { recursive: true })
  await receiver.stop()
})

/** @returns what loading the files gives, and the spans of calling what they export */
async function load(name: string, files: Readonly<Record<string, string>>) {
  const into = path.join(root, name)
  mkdirSync(into)
  for (const [file, code] of Object.entries(files)) writeFileSync(path.join(into, file), code)
  for (const specifier of ['./app', './mine']) writeFileSync(path.join(into, `${specifier}.js`), standIns[specifier]!)
  writeFileSync(path.join(into, 'orders.js'), ORDERS)
  const paths = Object.fromEntries(Object.keys(files).map((file) => [file, path.join(into, file)]))
  const task: Task = { files: paths, result: path.join(root, `${name}.json`) }
  receiver.reset()
  const env = {
    PATH: process.env['PATH'],
    AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  }
  await run(process.execPath, [path.join(import.meta.dirname, 'commonjs/load.ts'), JSON.stringify(task)], { env })
  const described: Record<string, { names: string[]; keys: string[] }> = JSON.parse(readFileSync(task.result, 'utf8'))
  return { described, sections: toSections(receiver.spans) }
}

const sources = Object.fromEntries(fixtures.map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]))
const options = { flush: { budgetMs: 20_000 } }
const wrap = (file: string, code: string) =>
  transform(code, createFacts(`src/${file}`, { options })).output?.code ?? code

test('names, keys, results and errors are those of the source; each handler makes its spans', async () => {
  const plain = await load('plain', sources)
  const wrapped = await load(
    'wrapped',
    Object.fromEntries(Object.entries(sources).map(([file, code]) => [file, wrap(file, code)])),
  )
  expect(plain.sections.size).toBe(0)
  const described = Object.entries(wrapped.described).map(([file, each]) => {
    // The lexer may find what is wrapped where it did not find it before.
    const names = each.names.filter((name) => plain.described[file]!.names.includes(name) || !each.keys.includes(name))
    return [file, { ...each, names }]
  })
  expect(Object.fromEntries(described)).toEqual(plain.described)
  // `import { handler }` of what a bundler made.
  expect(wrapped.described['cjs-esbuild-minified.js']!.names).toEqual([
    'default',
    'handler',
    'main',
    'module.exports',
    'table',
  ])
  expect(wrapped.described['cjs-module-exports-require.js']!.names).toContain('handler')

  const tiers = fromText(readFileSync(path.join(import.meta.dirname, 'tiers/aws-lambda.out.txt'), 'utf8'))
  const expected = [...tiers].filter(([file]) => fixtures.includes(file))
  expect(Object.fromEntries(wrapped.sections)).toEqual(Object.fromEntries(expected))
})

describe('an import cycle', () => {
  const others = {
    'cycle.js': "const entry = require('./entry.js')\nexports.later = (event) => entry.handler(event)",
  }
  const handler =
    "const { later } = require('./cycle.js')\nconst handler = async (event) => event ? ['done', await later()] : 'raw'\n"

  test.each([
    ['an assignment', `${handler}exports.handler = handler`],
    ['a new object', `${handler}module.exports = { handler, ...exports }`],
    ['a getter', `Object.defineProperty(exports, 'handler', { enumerable: true, get: () => handler })\n${handler}`],
    ['what is fixed', `${handler}Object.defineProperty(exports, 'handler', { enumerable: true, value: handler })`],
    ['the namespace of an ES module', "require('./cycle.js')\nmodule.exports = require('./app.js')"],
    ['another module’s', "require('./cycle.js')\nmodule.exports = require('./orders.js')"],
  ])('of %s loads, and does what it did', async (name, code) => {
    const plain = await load(`plain ${name}`, { 'entry.js': code, ...others })
    const wrapped = await load(`wrapped ${name}`, { 'entry.js': wrap('entry.js', code), ...others })
    expect(wrapped.described).toEqual(plain.described)
    expect(wrapped.sections.size).toBe(1)
  })
})

describe('deployed to Lambda, bundled once more', () => {
  test.each([
    ['what esbuild made', sources['cjs-esbuild-minified.js']!],
    ['what webpack made, fixed', sources['cjs-webpack.js']!],
    ['a function assigns it', `(() => { exports.handler = async ({ id }) => ['handled', id] })()\n`],
    ['export =', `const handler = async ({ id }: { id: string }) => ['handled', id]\nexport = { handler }\n`, 'ts'],
  ])('%s: registered, exported after the response', async (_, source, extension = 'js') => {
    const deployment = await deploy(source, { format: 'cjs', extension })
    expect(deployment.lambda.coldStart.registered).toEqual(['unplugin-otel'])
    for (const id of ['a', 'b']) expect((await invoke(deployment, { id })).json()).toEqual(['handled', id])
    expectAfterResponse(deployment)
    expect(deployment.receiver.spans).toHaveLength(2)
  })
})
