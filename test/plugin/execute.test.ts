/** What the transform emits behaves as what the user wrote: bundled and run, before and after. */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform as compile } from 'esbuild'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import otel from '../../src/plugin/esbuild.ts'
import type { WrappedHandler } from '../../src/plugin/emit.ts'
import { transform } from '../../src/plugin/transform.ts'
import { bundle, run, runEsm, takeCalls } from './bundle.ts'
import { describeModule, isClass, settle } from './describe-module.ts'
import { createFacts, fixturePath, fixtureReExports } from './facts.ts'

const streaming = Symbol.for('aws.lambda.runtime.handler.streaming')
const cases = (['aws-lambda', 'nextjs'] as const).flatMap((platform) => {
  const folder = fileURLToPath(new URL(`../fixtures/${platform}/`, import.meta.url))
  return readdirSync(folder)
    .filter((file) => !/\.(txt|json)$/.test(file))
    .map((file) => {
      const code = readFileSync(folder + file, 'utf8')
      const facts = createFacts(fixturePath(platform, file), {}, platform)
      return { platform, file, code, facts, wrapped: transform(code, facts, fixtureReExports).wrapped }
    })
    .filter(({ wrapped }) => wrapped.length > 0)
})

const awslambda = {
  streamifyResponse: (handler: object) => Object.assign(handler, { [streaming]: 'response' }),
}

beforeEach(() => {
  vi.stubGlobal('awslambda', awslambda)
  vi.spyOn(console, 'log').mockReturnValue()
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe.each(['esm', 'cjs'] as const)('bundled as %s', (format) => {
  // Bundled CommonJS cannot await at its top level.
  const runnable = cases.filter(({ file }) => format === 'esm' || file !== 'top-level-await.mjs')

  test.each(runnable)('$platform $file', async ({ platform, file, code, facts, wrapped }) => {
    const register = platform === 'aws-lambda' && (format === 'esm' ? 'awaited' : 'started')
    const output = transform(code, { ...facts, register }, fixtureReExports).output!.code
    const before = await describeModule(await run(await bundle({ [file]: code }, format), format), outcomeOf)
    expect(takeCalls()).toEqual([])
    const exports = await run(await bundle({ [file]: output }, format), format)
    const after = await describeModule(exports, outcomeOf)
    expect(after).toEqual(before)
    expect(takeCalls().toSorted()).toEqual(expectedCalls(wrapped, exports))
  })
})

/** What only running the module tells is reported as such: `each of a, b that is a function`. */
function expectedCalls(wrapped: readonly WrappedHandler[], exports: Readonly<Record<string, unknown>>): string[] {
  const calls = wrapped.flatMap(({ name, kind }) => {
    const [, guarded, names] = /^(\w+): each of (.*) that is a function$/.exec(kind) ?? []
    if (!guarded) return [`${name} ${kind}`]
    return names!.split(', ').flatMap((each) => (typeof exports[each] === 'function' ? [`${each} ${guarded}`] : []))
  })
  expect(calls).not.toEqual([])
  return calls.toSorted()
}

function outcomeOf(value: unknown): Promise<unknown> {
  if (typeof value !== 'function' || isClass(value)) return Promise.resolve()
  const event = Object.assign([1, 2], { id: 'id', name: 'name', rawPath: '/' })
  return settle(() => value(event, { end() {} }))
}

test.each(["export { handler } from './app'", "export * from './app'"])(
  '%s leaves modules in the order that they are imported in',
  async (reExport) => {
    const code = `import './first'\n${reExport}`
    const others = {
      'first.ts': 'globalThis.order = ["first"]',
      'app.ts': 'globalThis.order.push("app"); export const handler = () => globalThis.order',
    }
    const output = transform(code, createFacts('entry.ts'), {
      stars: { './app': { names: ['handler'] } },
      types: [],
    }).output!
    const exports = await run(await bundle({ 'entry.ts': output.code, ...others }, 'esm'), 'esm')
    expect((exports['handler'] as () => string[])()).toEqual(['first', 'app'])
    expect(takeCalls()).toEqual(['handler onEvent'])
  },
)

test('decorators of the old kind, where only declarations may have them', async () => {
  const source = `
    const seen: string[] = []
    const note = (target: any) => void seen.push(target.name ?? 'a parameter')
    const marked = (target: any, ...rest: unknown[]) => void (rest.length === 0 && note(target))
    @marked export class Before { constructor(@marked readonly ctx?: unknown) {} fetch() { return seen.length } }
    export @marked class After { @marked fetch(@marked _request?: unknown) { return 'after' } }
    @marked export default class { fetch() { return 'default' } }`
  const tsconfigRaw = { compilerOptions: { experimentalDecorators: true } }
  const toExports = async (code: string) =>
    runEsm({ 'app.js': (await compile(code, { loader: 'ts', tsconfigRaw, keepNames: true })).code })
  const facts = createFacts('app.ts', { context: 'als' }, 'cloudflare')
  const { output, wrapped } = transform(source, facts)
  expect(wrapped.map(({ name }) => name)).toEqual(['Before', 'After', 'default'])
  const describe = (exports: Record<string, unknown>) =>
    describeModule(exports, async (value) => new (value as new () => { fetch(): unknown })().fetch())
  const [before, after] = [await toExports(source), await toExports(output!.code)]
  expect(await describe(after)).toEqual(await describe(before))
})

describe('tree shaking', () => {
  const config = "import { retries } from './orders'\nexport { retries }"
  const shake = async (source: string, register: 'awaited' | false) => {
    const { code } = transform(source, createFacts('orders.ts', { register })).output!
    const bundled = await bundle({ 'config.ts': config, 'orders.ts': code }, 'esm')
    expect({ ...(await run(bundled, 'esm')) }).toEqual({ retries: 3 })
    return bundled.includes('wrapperCalls')
  }

  test('a module that imports only a constant gets no wrapper and no runtime', async () => {
    const source = 'export const retries = 3\nexport const handler = async () => retries'
    expect(await shake(source, false)).toBe(false)
  })

  test('a registration keeps the runtime: it is an effect', async () => {
    expect(await shake('export const retries = 3\nexport const handler = async () => retries', 'awaited')).toBe(true)
  })
})

describe('source maps', () => {
  const source = `'use strict'
import { a } from './a'
export { a as main }
export default async (event: { id: string }) => { throw new Error(event.id) }
export const handler = async () => {
  return a('here')
}
`

  test.each(['\n', '\r\n'])('positions lead to the original line and column with %j', (lineBreak) => {
    const code = source.replaceAll('\n', lineBreak)
    const { output } = transform(code, createFacts('src/orders/app.ts'))
    expect(output!.map.sourcesContent).toEqual([code])
    const map = new SourceMap(JSON.parse(output!.map.toString()))
    for (const token of ['new Error', "a('here')", 'handler = async']) {
      const [line, column] = positionOf(output!.code, token)
      const [originalLine, originalColumn] = positionOf(code, token)
      expect(map.findEntry(line, column)).toMatchObject({ originalLine, originalColumn, originalSource: 'app.ts' })
    }
  })

  test('through esbuild: the source is the user’s file', async () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'otel-map-')))
    onTestFinished(() => rmSync(root, { recursive: true }))
    writeFileSync(join(root, 'package.json'), '{"devDependencies":{"@types/aws-lambda":"1"}}')
    writeFileSync(join(root, 'app.ts'), source.replace("import { a } from './a'", 'const a = String'))
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: ['app.ts'],
      outdir: 'dist/functions',
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      sourcemap: true,
      external: ['unplugin-otel/*'],
      logLevel: 'silent',
      plugins: [otel({ enabled: true, report: false })],
    })
    const [map, code] = outputFiles.map(({ text }) => text)
    const payload: SourceMapPayload = JSON.parse(map!)
    expect(payload.sources).toEqual(['../../app.ts'])
    const [line, column] = positionOf(code!, 'new Error')
    const [originalLine, originalColumn] = positionOf(source, 'new Error')
    expect(new SourceMap(payload).findEntry(line, column)).toMatchObject({ originalLine, originalColumn })
  })
})

/** Zero-based, as source maps count. */
function positionOf(code: string, token: string): [line: number, column: number] {
  const before = code.slice(0, code.indexOf(token)).split('\n')
  return [before.length - 1, before.at(-1)!.length]
}
