/** `otel.config.ts`: which one it is, which keys it has, how a module imports it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'pathe'
import { expect, onTestFinished, test } from 'vitest'
import { checkConfigFile, findConfigFile, toSpecifier } from '../../src/plugin/config-file.ts'
import { findConfigFeatures } from '../../src/plugin/config-features.ts'
import { configKeys, readConfigKeys, type ConfigKey } from '../../src/plugin/config-keys.ts'
import { createPipeline } from '../../src/plugin/index.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import { transform } from '../../src/plugin/transform.ts'
import { createFacts } from './facts.ts'
import { createBundler } from './project-facts.ts'

function createProject(files: Readonly<Record<string, string>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'otel-config-')))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

const EMPTY = 'export default {}\n'

test('the nearest one, up to the project root', () => {
  const root = createProject({ 'otel.config.mjs': EMPTY, 'src/orders/otel.config.js': EMPTY, 'src/orders/a.ts': '' })
  const find = (file: string, configFile?: string | false) => findConfigFile({ file }, { configFile }, { root })?.path
  expect(find(join(root, 'src/orders/deep/a.ts'))).toBe('src/orders/otel.config.js')
  expect(find(join(root, 'src/a.ts'))).toBe('otel.config.mjs')
  expect(find(join(dirname(root), 'elsewhere/a.ts'))).toBe('otel.config.mjs')
  expect(find(join(root, 'src/a.ts'), false)).toBeUndefined()
  expect(find(join(root, 'src/a.ts'), './src/orders/otel.config.js')).toBe('src/orders/otel.config.js')
  const missing: string[] = []
  findConfigFile({ file: join(root, 'src/a.ts') }, { configFile: undefined }, { root }, (path) => missing.push(path))
  expect(missing.map((path) => path.slice(root.length + 1))).toEqual([
    ...['ts', 'mts', 'js', 'mjs'].map((extension) => `src/otel.config.${extension}`),
    ...['ts', 'mts', 'js'].map((extension) => `otel.config.${extension}`),
  ])
})

test('one that is named has to be there', () => {
  const root = createProject({ 'hooks.ts': EMPTY })
  const check = (configFile: string) => () => checkConfigFile(resolveOptions({ configFile }), { root })
  expect(check('hooks.ts')).not.toThrow()
  expect(check('hook.ts')).toThrow(
    `otel(): configFile is "hook.ts", and there is no file ${root}/hook.ts\nWrite its path from ${root}, or false for none.\nUO150`,
  )
  expect(() => createPipeline({ configFile: 'x.ts', enabled: true }, createBundler({ root }))).toThrow('UO150')
  expect(() => createPipeline({ configFile: 'x.ts', enabled: false }, createBundler({ root }))).not.toThrow()
})

const whole = ['onStart', 'headers']
test.each<[string, string, readonly string[] | undefined]>([
  ['a literal', 'export default { onStart() {}, headers: () => ({}) }', whole],
  ['defineConfig', 'export default defineConfig({ onStart, "headers": h } as const)', whole],
  ['satisfies', 'export default ({ onStart, headers } satisfies Config)', whole],
  ['a constant', 'const config: Config = { onStart, headers }\nexport default config', whole],
  [
    'a constant of a call',
    'export const config = defineConfig({ onStart, headers })\nexport { config as default }',
    whole,
  ],
  ['CommonJS', 'module.exports = { onStart, headers }', whole],
  ['export =', 'export = { onStart, headers }', whole],
  ['a computed literal', 'export default { ["onStart"]: f, headers }', whole],
  ['nothing', 'export default defineConfig({})', []],
  ['a spread', 'export default { ...base, onStart }', undefined],
  ['a computed key', 'export default { [key]: onStart }', undefined],
  ['a constant that is changed', 'const config = {}\nconfig.onStart = f\nexport default config', undefined],
  ['another call', 'export default merge({ onStart })', undefined],
  ['another module', "export { default } from './hooks'", undefined],
  ['an import', "import config from './hooks'\nexport default config", undefined],
  ['what is not parsed', 'export default {', undefined],
])('keys: %s', (_, code, keys) => {
  expect(readConfigKeys('otel.config.ts', code)).toEqual(keys)
})

test.each([
  ['export default {\n  onStrat: f,\n}', "otel.config.ts:2:3: unknown key 'onStrat'\nDid you mean 'onStart'?\nUO151"],
  ['export default { zzz: f, ...rest }', "otel.config.ts:1:18: unknown key 'zzz'\nKeys: onStart, "],
  ['export const onStart = f', 'otel.config.ts:1:1 has no default export\nWrite: '],
])('an error says where, and what to do: %s', (code, text) => {
  expect(() => readConfigKeys('otel.config.ts', code)).toThrow(text)
})

test('a module imports it by a relative path, with its extension', () => {
  const config = { file: '/a/otel.config.ts', path: 'otel.config.ts', keys: undefined }
  expect(toSpecifier(config, '/a/src/index.ts', '/a/src/index.ts')).toBe('../otel.config.ts')
  expect(toSpecifier(config, '/a/index.ts', '/a/index.ts')).toBe('./otel.config.ts')
})

test('of a linked module it is where the link leads to', () => {
  const root = createProject({ 'otel.config.ts': EMPTY })
  const config = { file: `${root}/otel.config.ts`, path: 'otel.config.ts', keys: undefined }
  expect(toSpecifier(config, `${root}/real/src/index.ts`, '/link/src/index.ts')).toBe('../../otel.config.ts')
})

const facts = {
  config: "../it's/otel.config.ts",
  features: [
    { file: 'flush-telemetry', name: 'observeFlushes' },
    { file: 'hooks', name: 'callHooks', config: true, argument: 'aws-lambda' },
  ],
} as const
const SETUP = /__otel_feature1\(\/\* @__PURE__ \*\/ __otel_feature0\(.*\), __otel_config, "aws-lambda"\)/

test('ES modules import it, CommonJS requires it', () => {
  const esm = transform('export const handler = 1 && f', createFacts('src/app.ts', facts)).output!.code
  expect(esm).toContain(`import { default as __otel_config } from '../it\\'s/otel.config.ts'`)
  expect(esm).toMatch(SETUP)
  const cjs = transform('exports.handler = f', createFacts('src/app.js', facts)).output!.code
  expect(cjs).toContain(`const __otel_config = ((m) => m.default ?? m)(require('../it\\'s/otel.config.ts'))`)
  expect(cjs).toMatch(SETUP)
})

test('only what has a key is imported', async () => {
  const codeOf = async (config: string) => {
    const root = createProject({ 'package.json': '{}', 'otel.config.ts': config })
    const bundler = createBundler({ root, entries: [`${root}/app.ts`] })
    const { transform: run } = createPipeline(
      { platform: 'aws-lambda', enabled: true, report: false, libraries: false },
      bundler,
    )
    return (await run('export const handler = () => 1', `${root}/app.ts`, undefined))!.code
  }
  const features = (code: string) => Array.from(code.matchAll(/runtime\/features\/([\w-]+)'/g), ([, name]) => name)
  // Each key has one.
  const filesOf = (...keys: ConfigKey[]) =>
    findConfigFeatures({ file: '', path: '', keys }, 'aws-lambda').map(({ file }) => file)
  expect(configKeys.filter((key) => filesOf(key).length === 0)).toEqual([])
  expect(await codeOf(EMPTY)).not.toContain('otel.config')
  expect(features(await codeOf('export default { headers }'))).toEqual(['headers', 'foreign-notice'])
  expect(features(await codeOf('export default { onEnd }'))).toEqual(['hooks'])
  // `decide` is what sampling asks.
  expect(features(await codeOf('export default { decide }'))).toEqual(['decide', 'foreign-notice', 'sampling'])
  // Processors see what sampling leaves out.
  const others = filesOf(...configKeys).filter((file) => file !== 'span-processors')
  expect(features(await codeOf('export default { ...all }'))).toEqual([...others, 'sampling', 'span-processors'])
})
