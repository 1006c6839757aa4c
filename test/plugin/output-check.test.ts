/** What the finished output shows, from its text. The bundlers themselves are in `test/output-check.test.ts`. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Target } from '../../src/contract.ts'
import { checkOutput, clientChunks, type OutputChunk } from '../../src/plugin/report/output-check.ts'
import { importsIn } from '../../src/plugin/report/output-imports.ts'
import { lambdaFooter } from '../../src/plugin/lambda-footer.ts'
import { createPipeline } from '../../src/plugin/index.ts'
import { createBundler } from './project-facts.ts'

const root = path.resolve(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

const WRAPS = 'const k=Symbol.for("unplugin-otel.v1.invocation");'
const NODE = 'new Error("Node 20.16 or newer is needed");'
const API = 'new Error(`@opentelemetry/api: Attempted duplicate registration of API: ${t}`);'

const chunk = (file: string, code: string, more: Partial<OutputChunk> = {}): OutputChunk => ({
  file,
  code,
  isEntry: false,
  entries: [],
  imports: [],
  ...more,
})
const entry = (code: string, more: Partial<OutputChunk> = {}) =>
  chunk('index.mjs', code, { isEntry: true, entries: ['/orders/src/app.ts'], ...more })
const check = (chunks: OutputChunk[], target: Target = 'node') =>
  checkOutput(chunks, {
    targetOf: (id) => (id === '/orders/src/app.ts' ? target : undefined),
    isForBrowsers: false,
  }).map(({ code, severity, path: file, fact }) => [code, severity, file, fact])
const codes = (...given: Parameters<typeof check>) => check(...given).map(([code]) => code)

test('what is looked for is what is emitted', () => {
  expect(read('src/runtime/invocation.ts')).toContain("Symbol.for('unplugin-otel.v1.invocation')")
  expect(read('src/runtime/transport-node.ts')).toContain('Node 20.16 or newer is needed')
  for (const extension of ['mjs', 'cjs']) {
    const copy = read(`node_modules/@opentelemetry/api/dist/internal/global-utils.${extension}`)
    expect(copy.split('@opentelemetry/api: Attempted duplicate registration of API')).toHaveLength(2)
  }
})

describe('UO120', () => {
  test('an entry whose module was wrapped, without the runtime', () => {
    expect(check([entry('export const handler = () => 1')])).toEqual([
      ['UO120', 'warning', 'index.mjs', 'its handlers were wrapped, and the runtime that does it is not in it'],
    ])
  })

  test('the footers of ours are not the runtime', () => {
    const bundler = createBundler({ root, files: { 'template.yaml': 'Type: AWS::Serverless::Function' } })
    const pipeline = createPipeline({ enabled: true, report: false }, bundler, {})
    for (const format of ['cjs', 'esm']) {
      const footer = lambdaFooter(pipeline, format)
      expect(footer).toContain('unplugin-otel.v1')
      expect(codes([entry(`exports.handler = 1${footer}`)])).toEqual(['UO120'])
    }
  })

  test('it may be in what the entry loads, however far away, at once or later, in circles', () => {
    const a = chunk('a.mjs', '', { imports: ['b.mjs', 'index.mjs'] })
    const b = chunk('b.mjs', WRAPS, { imports: ['a.mjs'] })
    expect(check([entry('', { imports: ['a.mjs', 'node:fs'] }), a, b])).toEqual([])
    expect(codes([entry('', { imports: ['a.mjs'] }), a])).toEqual(['UO120'])
    expect(codes([entry(''), a, b])).toEqual(['UO120'])
  })

  test('it may be anywhere where the bundler does not tell', () => {
    expect(check([entry('', { imports: undefined }), chunk('b.mjs', WRAPS)])).toEqual([])
    expect(codes([entry('', { imports: undefined }), chunk('b.mjs', '')])).toEqual(['UO120'])
  })

  test('an obfuscator has encoded it: the bundler tells of which modules the chunk is made', () => {
    const wraps = path.join(root, 'src/runtime/invocation.ts')
    const encoded = `const k=Symbol.for('\\x75nplugin-otel.v1.invocation');${'f(1);'.repeat(200)}`
    const made = (file: string, length: number, code = encoded) => entry(code, { modules: new Map([[file, length]]) })
    expect(codes([entry(encoded)])).toEqual(['UO120'])
    expect(codes([made(wraps, 4_000)])).toEqual([])
    expect(
      codes([entry('', { imports: ['b.mjs'] }), { ...made(wraps, 4_000), file: 'b.mjs', isEntry: false }]),
    ).toEqual([])
    // Not what is in no output, another file of ours, another file, and what a later step has left.
    expect(codes([made(wraps, 0)])).toEqual(['UO120'])
    expect(codes([made(path.join(root, 'src/runtime/index.ts'), 4_000)])).toEqual(['UO120'])
    expect(codes([made('/orders/src/app.ts', 4_000)])).toEqual(['UO120'])
    expect(codes([made(wraps, 4_000, 'export const handler = 1')])).toEqual(['UO120'])
  })

  test('entries without handlers need none, nor do chunks', () => {
    expect(check([entry('', { entries: ['/orders/src/cron.ts'] }), chunk('b.mjs', '')])).toEqual([])
  })

  test('of hundreds ten are said', () => {
    const found = check(Array.from({ length: 300 }, () => entry('')))
    expect(found).toHaveLength(11)
    expect(found.at(-1)).toEqual(['UO120', 'note', undefined, '290 more files'])
  })
})

describe('UO121', () => {
  test('the runtime for Node in the reach of an edge entry', () => {
    const found = [['UO121', 'warning', 'index.mjs', 'the target is edge, and the runtime for Node is in it']]
    expect(check([entry(WRAPS + NODE)], 'edge')).toEqual(found)
    expect(check([entry('', { imports: ['b.mjs'] }), chunk('b.mjs', WRAPS + NODE)], 'edge')).toEqual(found)
    expect(check([entry(WRAPS), chunk('b.mjs', NODE)], 'edge')).toEqual([])
    expect(check([entry(WRAPS, { imports: undefined }), chunk('b.mjs', NODE)], 'edge')).toEqual([])
    expect(check([entry(WRAPS + NODE)])).toEqual([])
  })
})

describe('UO122', () => {
  const facts = { targetOf: () => undefined, isForBrowsers: true }

  test('what wraps, in a build for browsers', () => {
    const found = checkOutput([chunk('client.js', WRAPS), chunk('b.js', '')], facts)
    expect(found).toMatchObject([{ code: 'UO122', severity: 'warning', path: 'client.js' }])
    expect(clientChunks([{ file: 'client.js', code: WRAPS }])).toEqual(found)
  })

  test('the manual API may be there', () => {
    const manual = 'const k=Symbol.for("unplugin-otel.v1");t.getTracer("unplugin-otel/runtime");'
    expect(checkOutput([chunk('client.js', manual)], facts)).toEqual([])
  })
})

describe('UO123', () => {
  test.each([
    `import { instrument as a } from 'unplugin-otel/runtime/node'`,
    'import{instrument as a}from"unplugin-otel/runtime/node";',
    'export*from"unplugin-otel/runtime/node";',
    'const a = await import("unplugin-otel/runtime/node")',
    'const a = require("unplugin-otel/runtime/node")',
    'var a=__require(`unplugin-otel/runtime/node`)',
    'module.exports = /* external */ require("unplugin-otel/runtime/node");',
    `import { a } from '/orders/node_modules/unplugin-otel/dist/runtime/node.js'`,
    `import { a } from '../node_modules/unplugin-otel/dist/runtime/node.js'`,
  ])('%s', (code) => {
    const [[uo, severity, file, fact] = [], ...rest] = check([entry(code)])
    expect([uo, severity, file, rest]).toEqual(['UO123', 'warning', 'index.mjs', []])
    expect(fact).toMatch(/^imports \S*unplugin-otel\/(dist\/)?runtime\/node(\.js)?, which nobody deploys with it$/)
  })

  test.each([
    'trace.getTracer("unplugin-otel/runtime")',
    '// import { traced } from "unplugin-otel/runtime"',
    '/** import { traced } from "unplugin-otel/runtime" */',
    'const text = `import { traced } from "unplugin-otel/runtime"`',
    `const text = 'import { traced } from "unplugin-otel/runtime"'`,
    'assert("unplugin-otel/runtime/node")',
    'x.require("unplugin-otel/runtime/node")',
    'import { a } from "my-unplugin-otel/runtime"',
    'import { a } from "unplugin-otel/runtimes"',
    'import { a } from "./unplugin-otel/runtime/node.js"',
    'import { a } from ',
  ])('not %s', (code) => expect(check([entry(`${code}\n${WRAPS}`)])).toEqual([]))

  test('not what is in the same output, of a build that keeps modules apart', () => {
    const file = 'node_modules/unplugin-otel/dist/runtime/node.js'
    const imports = [file]
    expect(check([entry(`import { a } from './${file}'`, { imports }), chunk(file, WRAPS)])).toEqual([])
  })

  test('names two', () => {
    const code = ['node', 'aws-lambda', 'hosts/aws-lambda'].map((name) => `import 'unplugin-otel/runtime/${name}'`)
    expect(check([entry(code.join('\n'))])[0]![3]).toBe(
      'imports unplugin-otel/runtime/node, unplugin-otel/runtime/aws-lambda and 1 more, which nobody deploys with it',
    )
  })
})

describe('UO124', () => {
  test('two copies, or one that is not inside', () => {
    const near = (fact: string) => [['UO124', 'near-miss', 'index.mjs', fact]]
    expect(check([entry(WRAPS + API + API)])).toEqual(near('contains 2 copies of @opentelemetry/api'))
    const external = `import { trace } from '@opentelemetry/api'\n${WRAPS}`
    expect(check([entry(external + API)])).toEqual(near('contains @opentelemetry/api and imports another'))
    expect(check([entry(external)])).toEqual([])
    expect(check([entry(WRAPS + API)])).toEqual([])
  })

  test('each entry by itself', () => {
    const other = { ...entry(WRAPS + API), file: 'other.mjs' }
    expect(check([entry(WRAPS + API), other])).toEqual([])
    expect(check([entry(WRAPS + API, { imports: undefined }), chunk('b.mjs', API)])).toEqual([])
    const shared = chunk('shared.mjs', WRAPS + API)
    const twice = { ...other, code: API, imports: ['shared.mjs'] }
    const found = check([entry('', { imports: ['shared.mjs'] }), twice, shared])
    expect(found.map(([code, , file]) => [code, file])).toEqual([['UO124', 'other.mjs']])
  })

  test.each([
    'diag.error("@opentelemetry/api: no")',
    'isInstalled("@opentelemetry/api")',
    'x("@opentelemetry/api-logs")',
  ])('not %s', (code) => expect(check([entry(WRAPS + API + code)])).toEqual([]))
})

test('importsIn: nothing is read twice, and a text that is not JavaScript imports nothing', () => {
  expect(importsIn('require("a/b");require("a/b");require("a/c")', ['a/'])).toEqual(['a/b', 'a/c'])
  expect(importsIn('require("a/b"', ['a/'])).toEqual([])
})

test('an output that a parser or a recursion would not survive is not looked through', () => {
  const deep = `${'['.repeat(6_000)}${']'.repeat(6_000)}`
  expect(importsIn(`import '@opentelemetry/api'\n${deep}`, ['@opentelemetry/api'])).toEqual([])
  const long = `f(${'1 + '.repeat(3_000)}import('@opentelemetry/api'))`
  expect(importsIn(long, ['@opentelemetry/api'])).toEqual(['@opentelemetry/api'])
})
