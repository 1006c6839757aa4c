/** What `explain` says of a project. */
import { expect, test } from 'vitest'
import { BUILD, codes, LAMBDA, NEXT, report, run, WORKER } from './projects.ts'

test('Lambda, SAM and a build script: everything that decides', async () => {
  const { exit, text } = await run(LAMBDA, [], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:secret@host:4317' } })
  expect(text).toBe(`[unplugin-otel] aws-lambda, node (template.yaml)
  wrapped  src/app.ts:1:14 run (onEvent)
  entries  src/app.ts
  plugin   build.mjs (esbuild)
  signals  option > bundler > deploy file > dependency > CI variable > a server: the first one decides
           deploy file: template.yaml names aws-lambda, taken
           dependency: wrangler in package.json names cloudflare
  flush    after the response, callers do not wait: an internal extension keeps the environment awake; it registers in an await at the end of the ES module
           else before the response, if it is refused or a collector extension listens on localhost
           within 1000 ms, and up to 500 ms before the deadline
  batching 'auto': one request when the invocation ends, of up to 512 spans; while it runs, what has ended goes out every 1000 ms
           while the collector is not reached, up to 2048 spans are kept
  endpoint the first one that the function has where it runs; in this shell:
           OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is not set
           OTEL_EXPORTER_OTLP_ENDPOINT is set
           http://127.0.0.1:4318, on a developer's machine
           off
           the port in OTEL_EXPORTER_OTLP_ENDPOINT is 4317, that of gRPC
           UO203 Use the port of OTLP/HTTP, usually 4318. https://unpkg.com/unplugin-otel/docs/errors.md#uo203
  size     not measured in this copy of unplugin-otel
`)
  expect(exit).toBe(0)
})

test('a Worker with Vite', async () => {
  const found = await report(WORKER)
  expect(found).toMatchObject({
    exit: 0,
    version: 1,
    bundler: 'vite',
    platform: 'cloudflare',
    target: 'edge',
    context: { kind: 'als', because: 'nodejs_als' },
    handlers: [{ path: 'src/index.ts', name: 'default', kind: 'fetch' }],
    diagnostics: [],
    entries: ['src/index.ts'],
    plugin: { found: true, file: 'vite.config.ts', bundler: 'vite', configuration: 'vite.config.ts' },
    signals: [{ signal: 'bundler', because: '@cloudflare/vite-plugin', platform: 'cloudflare', won: true }],
    flush: [{ host: 'workerd', target: 'edge', when: 'after', callersWait: false, otherwise: null, marginMs: null }],
    batching: {
      option: 'auto',
      maxExportBatchSize: 512,
      maxQueueSize: 2048,
      scheduledDelayMillis: 1000,
      exportAt: null,
    },
  })
})

test('Next.js: both of its runtimes, the extensions of its configuration, and numbers of the options', async () => {
  const found = await report(NEXT, [
    '--options',
    '{ "batching": { "maxExportBatchSize": 64 }, "flush": { "budgetMs": 300 } }',
  ])
  expect(found).toMatchObject({ exit: 0, bundler: 'next', platform: 'nextjs', target: 'node', diagnostics: [] })
  expect(found.handlers.map(({ path, name }) => `${path} ${name}`).toSorted()).toEqual([
    'app/route.api.ts GET',
    'src/app/edge/route.tsx POST',
  ])
  expect(found.flush.map(({ host, when, budgetMs }) => [host, when, budgetMs])).toEqual([
    ['next-server', 'after', 300],
    ['next-edge', 'after', 300],
  ])
  expect(found.batching).toMatchObject({ option: { maxExportBatchSize: 64 }, maxExportBatchSize: 64, exportAt: 64 })
  expect(found.batching!.means).toMatch(
    /^under `next start` in batches, every 1000 ms or 64 spans; elsewhere one request/,
  )
})

test('Netlify: both of its targets', async () => {
  const found = await report({
    'package.json': { scripts: { build: 'node tools/build.mjs' }, dependencies: { '@netlify/functions': '5' } },
    'tools/build.mjs': BUILD,
    'netlify.toml': '[functions]\ndirectory = "functions"\n',
    'functions/hello.ts': 'export default () => new Response()\n',
    'functions/shop/index.ts': 'export const handler = async () => ({ statusCode: 200 })\n',
    'netlify/edge-functions/geo.ts': 'export default () => new Response()\n',
  })
  expect(found).toMatchObject({ exit: 0, platform: 'netlify', diagnostics: [], plugin: { file: 'tools/build.mjs' } })
  expect(found.entries).toEqual(['functions/hello.ts', 'functions/shop/index.ts', 'netlify/edge-functions/geo.ts'])
  expect(found.flush.map(({ target, when, marginMs }) => [target, when, marginMs])).toEqual([
    ['node', 'after', 500],
    ['edge', 'after', null],
  ])
})

test('Firebase: what is registered in a module that the entry imports', async () => {
  const files = {
    'package.json': { scripts: { build: 'node build.mjs' }, dependencies: { 'firebase-functions': '6' } },
    'build.mjs': BUILD,
    'src/index.ts': "export * from './orders.js'\n",
    'src/orders.ts':
      "import { onRequest } from 'firebase-functions/https'\nexport const orders = onRequest(() => {})\n",
  }
  const found = await report(files)
  expect(found).toMatchObject({
    exit: 0,
    platform: 'firebase',
    handlers: [{ name: 'firebase-functions' }],
    diagnostics: [],
  })
  expect(found.flush).toMatchObject([{ host: 'google-cloud', when: 'before', callersWait: true }])
  const { 'src/orders.ts': orders, ...rest } = files
  const split = await report({ ...rest, 'src/index.ts': "export * from './orders'\n", 'src/orders/index.mts': orders })
  expect([split.exit, codes(split)]).toEqual([0, []])
  const without = await report({ ...files, 'src/orders.ts': 'export const orders = 1\n' })
  expect([without.exit, codes(without)]).toEqual([1, ['UO113']])
})

test('what is literal in a configuration counts: the format, the target, the platform', async () => {
  const withFormat = (from: string, to: string) => report({ ...LAMBDA, 'build.mjs': BUILD.replace(from, to) })
  expect((await withFormat("format: 'esm'", "format: 'cjs'")).flush).toMatchObject([{ when: 'after' }])
  const es2020 = await withFormat("format: 'esm'", "format: 'esm', target: ['es2020']")
  expect([es2020.exit, codes(es2020), es2020.flush[0]!.when]).toEqual([0, ['UO116'], 'before'])
  const browser = await withFormat("platform: 'node', ", '')
  expect([browser.exit, codes(browser), browser.flush]).toEqual([1, ['UO103'], []])
  // What is computed is not guessed.
  const computed = await withFormat("format: 'esm'", '...common')
  expect([computed.exit, codes(computed), computed.flush[0]!.when]).toEqual([0, [], 'after'])
  const conditional = await withFormat("format: 'esm'", "format: isOld ? 'cjs' : 'esm'")
  expect([conditional.exit, codes(conditional), conditional.flush[0]!.when]).toEqual([0, [], 'after'])
  const interval = await report(LAMBDA, ['--options', '{ "flush": { "mode": "interval" } }'])
  expect([codes(interval), interval.flush[0]!.when]).toEqual([['UO116'], 'interval'])
})

test('warnings of a build are those of explain', async () => {
  const renamed = await report({ ...LAMBDA, 'src/app.ts': 'export const go = async () => 1\n' })
  expect([renamed.exit, codes(renamed)]).toEqual([1, ['UO107']])
  const strict = await report({ ...LAMBDA, 'src/app.ts': 'export const run = () => 1, Run = () => 1\n' }, [
    '--options={"strict":true}',
  ])
  expect([strict.exit, strict.handlers.length, codes(strict)]).toEqual([1, 1, ['UO107']])
  const asked = await report(LAMBDA, ['--options', '{ "platform": "netlify" }'])
  expect([asked.exit, codes(asked), asked.signals.some(({ won }) => won)]).toEqual([1, ['UO106', 'UO107'], false])
})

test.each([
  [['--jsn'], "unknown option 'jsn'\nDid you mean '--json'?"],
  [['src/nope.ts'], "'src/nope.ts' is no file\nName modules, for example: unplugin-otel explain src/handler.ts"],
  [['--options', '{'], '--options is no JSON\n'],
  [['--options', 'null'], 'otel(null)\nIt takes one object of options, or nothing.\nUO132'],
  [['--options', '[]'], 'otel([])\nIt takes one object of options, or nothing.\nUO132'],
  [['--options', '{ "platfrom": "auto" }'], "otel(): unknown option 'platfrom'\nDid you mean 'platform'?\nUO130"],
  [
    ['--options', '{ "protocol": "grpc" }'],
    'otel(): protocol is "grpc"\nIt must be "http/json" | "http/protobuf".\nUO131',
  ],
])('%j', async (args, message) => {
  await expect(run(LAMBDA, args)).rejects.toThrow(message)
})

test('--help', async () => {
  const { exit, text } = await run({}, ['--help'])
  expect([exit, text]).toEqual([0, expect.stringMatching(/^Usage: unplugin-otel explain [^]*--options[^]*--json/)])
})
