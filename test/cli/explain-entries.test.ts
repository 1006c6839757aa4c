/** Which modules `explain` reads, and from which folder. */
import { expect, test } from 'vitest'
import { BUILD, codes, LAMBDA, report, WORKER } from './projects.ts'

test('webpack: a handler that is deployed from another folder than its source', async () => {
  const found = await report({
    'webpack.config.js': `const otel = require('unplugin-otel/webpack')
module.exports = { target: 'node22', entry: './src/quotes.mjs', output: { library: { type: 'commonjs2' } }, plugins: [otel()] }
`,
    'serverless.yml': 'provider: aws\nhandler: dist/quotes.get\n',
    'dist/quotes.js': 'exports.get = async () => 1\n',
    'src/quotes.mjs': 'export const get = async () => 1\n',
  })
  expect(found).toMatchObject({ exit: 0, entries: ['src/quotes.mjs'], handlers: [{ name: 'get' }], diagnostics: [] })
})

test('Netlify: what was bundled into its folder is no source', async () => {
  const found = await report({
    'build.mjs': BUILD,
    'netlify.toml': '[functions]\ndirectory = "functions"\n',
    'functions/hello.mjs': 'globalThis[Symbol.for("unplugin-otel.v1")] ??= {}\nexport default () => {}\n',
    'src/index.ts': 'export default () => new Response()\n',
  })
  expect(found).toMatchObject({ exit: 0, platform: 'netlify', entries: ['src/index.ts'], diagnostics: [] })
})

const MONOREPO = {
  'package.json': { workspaces: ['packages/*'] },
  'vite.config.ts': 'export default {}\n',
  ...Object.fromEntries(Object.entries(WORKER).map(([name, content]) => [`packages/edge/${name}`, content])),
  ...Object.fromEntries(Object.entries(LAMBDA).map(([name, content]) => [`packages/orders/${name}`, content])),
  'packages/bare/wrangler.toml': 'main = "src/worker.ts"\ncompatibility_flags = ["nodejs_als"]\n',
  'packages/bare/src/worker.ts': 'export default { fetch: () => new Response() }\n',
}

test('a monorepo: the configuration of the package, from inside and from its top', async () => {
  const inside = await report(MONOREPO, [], { below: 'packages/orders/src' })
  expect(inside).toMatchObject({ exit: 0, platform: 'aws-lambda', entries: ['src/app.ts'] })
  const fromTop = await report(MONOREPO, ['packages/edge/src/index'])
  expect(fromTop).toMatchObject({ exit: 0, platform: 'cloudflare', plugin: { file: 'vite.config.ts' } })
  // That of the top builds something else.
  const bare = await report(MONOREPO, ['packages/bare/src/worker.ts'])
  expect(bare).toMatchObject({ exit: 1, platform: 'cloudflare', plugin: { found: false } })
  expect(bare.plugin).not.toHaveProperty('bundler')
})

test('an entry that is named and is not there is not guessed', async () => {
  const found = await report({ ...WORKER, 'wrangler.jsonc': '{ "main": "src/missing.ts" }' })
  expect(found).toMatchObject({ exit: 1, entries: [], handlers: [] })
  expect(found.diagnostics[0]).toMatchObject({ code: 'UO101', fact: expect.stringMatching(/ in src\/missing\.ts$/) })
})

test('files that are broken, folders, or nothing', async () => {
  const broken = await report({
    'package.json': '{',
    'vite.config.ts/index.ts': '',
    'wrangler.toml': 'main = ',
    'src/index.ts': 'export default { fetch(',
  })
  expect([broken.exit, codes(broken)[0]]).toEqual([1, 'UO140'])
  const unparsed = await report({ ...LAMBDA, 'src/app.ts': 'export const run = (\n' })
  expect([unparsed.exit, codes(unparsed)]).toEqual([1, ['UO110']])
})
