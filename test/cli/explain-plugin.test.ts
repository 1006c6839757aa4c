/** Whether the plugin is in a configuration, and which line to add. */
import { expect, test } from 'vitest'
import { BUILD, codes, LAMBDA, NEXT, report, run, WORKER, type Files } from './projects.ts'

const VITE_WITHOUT = `import { cloudflare } from '@cloudflare/vite-plugin'
// import otel from 'unplugin-otel/vite'
export default { plugins: [cloudflare()] }
`
test('the plugin is in no configuration: one message, with the line for the bundler', async () => {
  const { exit, text } = await run({ ...WORKER, 'vite.config.ts': VITE_WITHOUT })
  expect(exit).toBe(1)
  expect(text).toMatch(
    new RegExp(`^\\[unplugin-otel\\] nothing is wrapped: vite\\.config\\.ts does not use the plugin
Add to vite\\.config\\.ts: import otel from 'unplugin-otel/vite' and plugins: \\[otel\\(\\), cloudflare\\(…\\)\\]
UO140 \\S+#uo140
With the plugin:
\\[unplugin-otel\\] cloudflare, edge \\(@cloudflare/vite-plugin\\)
`),
  )
  expect(text.match(/UO\d{3}/g)).toEqual(['UO140'])
})

test.each<[string, Files, string]>([
  ['nothing at all', {}, 'Build the functions with a bundler, build.mjs: import otel from'],
  [
    'Wrangler alone',
    { 'wrangler.toml': 'main = "a.js"' },
    'Wrangler takes no plugins, Vite does. Add to vite.config.ts:',
  ],
  [
    'Next',
    { ...NEXT, 'next.config.ts': 'export default {}' },
    "Add to next.config.ts: import { withOtel } from 'unplugin-otel/next'",
  ],
  [
    'Next',
    { 'next.config.js': 'module.exports = {}' },
    "const { withOtel } = require('unplugin-otel/next') and module.exports = withOtel",
  ],
  [
    'webpack',
    { 'webpack.config.js': 'module.exports = { target: "node" }' },
    "const otel = require('unplugin-otel/webpack') and plugins: [otel()]",
  ],
  [
    'SST',
    { 'sst.config.ts': "new sst.aws.Function('A', { handler: 'src/app.run' })" },
    "nodejs: { plugins: './otel.mjs' }",
  ],
  [
    'serverless-esbuild',
    { 'serverless.yml': 'plugins: [serverless-esbuild]' },
    'Add to custom.esbuild in serverless.yml: plugins: otel.cjs',
  ],
  [
    'a command',
    { 'package.json': { scripts: { build: 'tsc && esbuild a.ts --bundle' } } },
    'Use a script in its place, build.mjs:',
  ],
  [
    'a script',
    { 'package.json': { scripts: { build: 'bun run ./b.ts' } }, 'b.ts': 'await Bun.build({})' },
    "Add to b.ts: import otel from 'unplugin-otel/bun'",
  ],
])('the plugin is in no configuration: %s', async (_name, files, line) => {
  const found = await report(files)
  expect([found.exit, found.plugin.found]).toEqual([1, false])
  expect(found.diagnostics.filter(({ severity }) => severity === 'warning')).toMatchObject([
    { code: 'UO140', remedy: expect.stringContaining(line) },
  ])
})

const SST = {
  'sst.config.ts': "new sst.aws.Function('A', { handler: 'src/app.run', nodejs: { plugins: './otel.mjs' } })",
  'otel.mjs': "export { default } from 'unplugin-otel/sst'\n",
}

test.each(['exports.run = async () => 1\n', 'export const run = async () => 1, then = undefined\n'])(
  'callers wait for a module that cannot register: %j',
  async (source) => {
    const found = await report({ ...SST, 'src/app.ts': source })
    expect([found.exit, codes(found)]).toEqual([0, ['UO116']])
    expect(found.flush).toMatchObject([{ when: 'before', callersWait: true }])
  },
)

test('the plugin is where the configuration says: SST, a shared list, serverless-esbuild', async () => {
  const sst = await report({
    ...SST,
    'src/app.ts': 'export const run = async () => 1\n',
  })
  expect(sst).toMatchObject({ exit: 0, bundler: 'sst', diagnostics: [], plugin: { found: true, file: 'otel.mjs' } })
  expect(sst.flush).toMatchObject([{ when: 'after', callersWait: false }])
  const shared = await report({
    'package.json': {},
    'rollup.config.js':
      "import { plugins } from './tools/plugins'\nexport default { input: 'src/handler.js', plugins }\n",
    'tools/plugins.js': "import otel from 'unplugin-otel/rollup'\nexport const plugins = [otel()]\n",
    'src/handler.js': 'export const handler = async () => 1\n',
  })
  expect(shared.plugin).toMatchObject({ found: true, file: 'tools/plugins.js', configuration: 'rollup.config.js' })
  const serverless = await report({
    'serverless.yml':
      'plugins: [serverless-esbuild]\ncustom: { esbuild: { plugins: otel.cjs } }\nhandler: src/app.run\n',
    'otel.cjs': "module.exports = [require('unplugin-otel/esbuild')()]\n",
    'src/app.ts': 'export const run = async () => 1\n',
  })
  expect(serverless).toMatchObject({ exit: 0, diagnostics: [], plugin: { found: true, file: 'otel.cjs' } })
})

test('options that are written as plain values count, and those of --options more', async () => {
  const source = { 'src/app.ts': 'export const go = async () => 1\n' }
  const build = (options: string) => ({
    ...LAMBDA,
    ...source,
    'build.mjs': BUILD.replace('otel()', `otel(${options})`),
  })
  const found = await report(build("{ handlers: ['go'], flush: { budgetMs: 200 }, serviceVersion: process.env.SHA }"))
  expect(found).toMatchObject({ exit: 0, handlers: [{ name: 'go' }], diagnostics: [], flush: [{ budgetMs: 200 }] })
  expect(found.plugin).toMatchObject({
    options: { handlers: ['go'], flush: { budgetMs: 200 } },
    computed: ['serviceVersion'],
  })
  const { text } = await run(build('{ ...common, enabled: false }'))
  expect(text).toContain('\nWithout enabled: false:\n')
  expect(text).toContain('\n           not read, because it is computed: …; tell it by --options\n')
  const written = "{ handlers: ['run'], flush: { budgetMs: 200 }, include, serviceVersion: process.env.SHA }"
  const told = await report(build(written), ['--options', '{ "handlers": ["go"], "serviceVersion": "1" }'])
  expect(told).toMatchObject({ exit: 0, handlers: [{ name: 'go' }], flush: [{ budgetMs: 200 }] })
  expect(told.plugin).toMatchObject({
    options: { handlers: ['go'], flush: { budgetMs: 200 }, serviceVersion: '1' },
    computed: ['include'],
  })
  // Of a variable nobody knows what else is in it.
  const asked = await report(build('options'), ['--options', '{ "handlers": ["go"] }'])
  expect([asked.exit, asked.plugin.computed]).toEqual([0, ['…']])
  const strict = await report(build('{ strict: true, handlers: ["go", "went"] }'))
  expect([strict.exit, codes(strict)]).toEqual([0, []])
  await expect(run(build('{ handler: ["go"] }'))).rejects.toThrow("unknown option 'handler'\nDid you mean 'handlers'?")
})

test('a script that only another tool runs: CDK', async () => {
  const found = await report({
    'cdk.json': {},
    'build.mjs': BUILD,
    'package.json': { scripts: { postinstall: 'npm rebuild esbuild && echo' } },
    'src/app.ts': 'export const handler = async () => 1\n',
  })
  expect(found).toMatchObject({ exit: 0, entries: ['src/app.ts'], plugin: { file: 'build.mjs' } })
})

test('the values beside the plugin count, in another file than the one that builds', async () => {
  const found = await report({
    ...LAMBDA,
    'build.mjs': "import { build } from 'esbuild'\nimport config from './esbuild.config.mjs'\nawait build(config)\n",
    'esbuild.config.mjs': `import otel from 'unplugin-otel/esbuild'
export default { bundle: true, platform: 'node', format: 'esm', target: 'es2021', plugins: [otel()] }
`,
  })
  expect(found.plugin).toMatchObject({ found: true, file: 'esbuild.config.mjs', configuration: 'build.mjs' })
  expect(codes(found)).toEqual(['UO116'])
})
