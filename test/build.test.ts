/** The plugin in esbuild: what fails the build, what it warns of, what it prints. */
import path from 'node:path'
import { build, type BuildOptions } from 'esbuild'
import otel, { type Options } from 'unplugin-otel/esbuild'
import { afterEach, expect, test, vi } from 'vitest'
import { functions } from './deploy.ts'

const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
afterEach(() => printed.mockClear())

async function run(options: Options, esbuild: BuildOptions = {}) {
  const result = await build({
    entryPoints: [path.join(functions, 'work.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    plugins: [otel({ enabled: true, ...options })],
    ...esbuild,
  })
  return {
    warnings: result.warnings.map(({ text }) => text),
    code: result.outputFiles![0]!.text,
    output: printed.mock.calls.join(''),
  }
}

test('unknown and wrong options fail the build, with the remedy', async () => {
  await expect(run({ batchng: 'immediate' } as Options, { logLevel: 'silent' })).rejects.toThrow(
    /unknown option 'batchng'\nDid you mean 'batching'\?/,
  )
  await expect(run({ flush: { budgetMs: '1s' } } as never, { logLevel: 'silent' })).rejects.toThrow(
    /flush\.budgetMs is "1s"\nIt must be a number of milliseconds/,
  )
})

test('platform, reason and each handler are printed once, to stderr', async () => {
  const { output, warnings } = await run({})
  expect(warnings).toEqual([])
  expect(output).toMatch(
    /aws-lambda, node \(@middy\/core in package\.json\)\n {2}wrapped {2}test\/functions\/work\.ts:\d+:\d+ handler \(onEvent\)\n$/,
  )
})

test('nothing wrapped is a warning that says what was looked for', async () => {
  const { warnings, code } = await run({ handlers: ['run'] }, { logLevel: 'silent' })
  expect(warnings).toEqual([
    expect.stringMatching(
      /work\.ts:\d+:\d+ nothing is wrapped: 'handler' is a function, but looked for are exports named run\n/,
    ),
  ])
  expect(code).not.toContain('__otel')
})

test('report: false prints nothing; enabled: false changes nothing', async () => {
  expect((await run({ report: false })).output).toBe('')
  const { code } = await run({ enabled: false })
  expect(code).not.toContain('__otel')
})

test('output that cannot await is built all the same, and the report says what it costs', async () => {
  const { code, output } = await run({}, { target: 'es2021' })
  expect(code).not.toContain('await __otel')
  expect(output).toContain('Raise target to es2022')
})

test('a source map leads back to the user’s line', async () => {
  const { outputFiles } = await build({
    entryPoints: [path.join(functions, 'work.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    sourcemap: 'external',
    outfile: 'out.mjs',
    plugins: [otel({ enabled: true, report: false })],
  })
  const map = JSON.parse(outputFiles.find((file) => file.path.endsWith('.map'))!.text)
  expect(map.sources).toContain('test/functions/work.ts')
})

test('a CommonJS build that is not for Lambda is left byte for byte as it is', async () => {
  const esbuild: BuildOptions = { format: 'cjs', conditions: ['workerd'], logLevel: 'silent' }
  expect((await run({}, esbuild)).code).toBe((await run({ enabled: false }, esbuild)).code)
})

test('a flush that is awaited anyway registers nothing', async () => {
  expect((await run({})).code).toContain('/2020-01-01/extension')
  expect((await run({ flush: { mode: 'await' } })).code).not.toContain('/2020-01-01/extension')
  expect((await run({ batching: 'interval' })).code).not.toContain('/2020-01-01/extension')
})

test('the target is shown with its reason', async () => {
  expect((await run({ target: 'node' })).output).toContain("target: 'node' in otel()")
})
