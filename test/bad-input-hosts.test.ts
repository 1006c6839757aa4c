/** Bad input where there is no plugin object: SST's bridge, whose CLI waits for ever for a hook that throws, and Turbopack's loader. */
import { createRequire } from 'node:module'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { createProject } from './bad-input/build.ts'
import { buildFunction, isInstallable, readBridgeScript } from './projects/sst/build.ts'

const HANDLER = 'export const handler = async () => 1\n'
const on = { enabled: true, platform: 'aws-lambda' } as const

describe.skipIf(!isInstallable)('SST', () => {
  const bundle = async (root: string, otel: string) => {
    writeFileSync(path.join(root, 'plugin.mjs'), readBridgeScript())
    writeFileSync(path.join(root, 'otel.mjs'), otel)
    let said = ''
    const options = {
      project: root,
      script: path.join(root, 'plugin.mjs'),
      onStderr: (text: string) => void (said += text),
    }
    const out = path.join(root, 'out')
    const error = await buildFunction('src/index.ts', out, options).then(
      () => undefined,
      ({ message }: Error) => message,
    )
    return { error, said, code: error ? undefined : readFileSync(path.join(out, 'bundle.mjs'), 'latin1') }
  }

  test.each([
    ['a syntax error', 'export const handler = async ( => 1\n', undefined],
    [
      'Latin-1',
      Buffer.from("export const handler = async () => '\xe9\xe2\x82'\n", 'latin1'),
      /src\/index\.ts:1:37 not UTF-8\n/,
    ],
    ['too deep', `const a = ${'['.repeat(600)}${']'.repeat(600)}\n${HANDLER}`, /index\.ts:1:\d+ brackets nest/],
    ['nothing', '', undefined],
  ])('%s', async (_name, content, said) => {
    const root = createProject({ 'src/index.ts': content, 'sst.config.ts': 'export default {}\n' })
    // A folder, where its report would be.
    mkdirSync(path.join(root, '.sst/log/unplugin-otel.log'), { recursive: true })
    const plain = await bundle(root, 'export default []')
    const wrapped = await bundle(root, "export { default } from 'unplugin-otel/sst'")
    expect([wrapped.error, wrapped.code]).toEqual([plain.error, plain.code])
    if (said) expect(wrapped.said).toMatch(said)
  })
})

describe('the loader for Turbopack', () => {
  type Loader = (this: object, code: unknown, map?: unknown) => void
  const loader: Loader = createRequire(import.meta.url)('../dist/plugin/loader.cjs')
  const load = (code: unknown, resourcePath: unknown) =>
    new Promise((resolve, reject) => {
      const options = { options: on, pageExtensions: ['ts'], target: 'node', version: '1' }
      const done = (error: Error | null, output: unknown) => (error ? reject(error) : resolve(output))
      loader.call({ resourcePath, rootContext: '/shop', getOptions: () => options, async: () => done }, code, 'map')
    })

  test.each([
    ['no path', HANDLER, undefined],
    ['an empty path', HANDLER, ''],
    ['a virtual module', HANDLER, '\0virtual:x.ts'],
    ['a syntax error', 'export const GET = async ( => 1', '/shop/app/api/route.ts'],
    ['too much', `${'//\n'.repeat(1e6)}export const GET = () => 1`, '/shop/app/api/route.ts'],
    ['too deep', `export const runtime = 'edge'\n${'['.repeat(9_000)}${']'.repeat(9_000)}`, '/shop/app/api/route.ts'],
    ['nothing', '', '/shop/app/api/route.ts'],
  ])('%s: the code as it was', async (_name, code, resourcePath) => {
    expect(await load(code, resourcePath)).toBe(code)
  })
})
