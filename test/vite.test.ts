/** The plugin in Vite 8 alone: server builds, library builds, SSR in dev; builds for browsers stay as they are. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import otel, { type Options } from 'unplugin-otel/vite'
import { expect, onTestFinished, test, vi } from 'vitest'
import { build, createServer, type InlineConfig } from 'vite'
import { functions, invoke, run } from './deploy.ts'
import { compareLedger, readLedger } from './harness/ledger.ts'
import { startReceiver } from './harness/otlp-receiver.ts'
import { ran } from './ran.ts'
import { createViteLogger } from './vite-logger.ts'

const root = path.resolve(import.meta.dirname, '..')

/** A project of these files, and how to build it; what Vite prints is kept. */
function createProject(files: Record<string, string>) {
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(path.join(root, '.cache/vite-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  const { printed, customLogger } = createViteLogger()
  const config = (options: Options | false, more: InlineConfig): InlineConfig => ({
    root: folder,
    configFile: false,
    customLogger,
    plugins: options ? [otel({ enabled: true, ...options })] : [],
    ...more,
  })
  return { folder, printed, config, read: (name: string) => readFileSync(path.join(folder, name), 'utf8') }
}

const WORKER = `export default {
  async fetch(request) {
    return new Response('hello ' + new URL(request.url).pathname)
  },
}
`
const wrangler = (main: string, flags: string[] = []) =>
  `name = "hello"\nmain = "${main}"\ncompatibility_date = "2026-07-01"\ncompatibility_flags = ${JSON.stringify(flags)}\n`

test.each(['es', 'cjs'] as const)('a Lambda function, built as %s for SSR, loses nothing', async (format) => {
  const { folder, printed, config } = createProject({ 'template.yaml': 'Type: AWS::Serverless::Function' })
  const output = { format, entryFileNames: format === 'es' ? 'index.mjs' : 'index.cjs' }
  const work = path.join(functions, 'work.ts')
  await build(
    config({}, { build: { ssr: work, outDir: 'deployed', rolldownOptions: { output } }, ssr: { noExternal: true } }),
  )
  expect(printed.join('\n')).toMatch(/aws-lambda, node \(template\.yaml\)\n {2}wrapped {2}.*work\.ts:\d+:\d+ handler/)
  const deployment = await run(path.join(folder, 'deployed'))
  for (let i = 0; i < 5; i++) expect((await invoke(deployment)).text).toContain('done')
  expect(deployment.lambda.coldStart.registered).toEqual(['unplugin-otel'])
  const ledger = compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)
  expect(ledger).toMatchObject({ started: 20, lost: [], duplicated: [] })
  ran('vite', 'Lambda', format === 'es' ? 'ESM' : 'CommonJS')
})

test.each<[string, InlineConfig]>([
  ['build.ssr', { build: { ssr: 'src/worker.ts' } }],
  ['build.rolldownOptions.input', { build: { ssr: true, rolldownOptions: { input: { worker: 'src/worker.ts' } } } }],
  ['build.lib', { build: { lib: { entry: 'src/worker.ts', formats: ['es'], fileName: 'worker' } } }],
])('%s names the entry of a Worker', async (_name, more) => {
  const { printed, config, read } = createProject({
    'src/worker.ts': WORKER,
    'wrangler.toml': wrangler('dist/worker.js'),
  })
  await build(config({}, { ...more, ssr: { noExternal: true } }))
  expect(printed.join('\n')).toContain(
    '[unplugin-otel] cloudflare, edge (wrangler.toml)\n' +
      '  context  until the first await (compatibility date 2026-07-01)\n' +
      '  wrapped  src/worker.ts:1:1 default (fetch)\n' +
      '  left     no AsyncLocalStorage (compatibility date 2026-07-01): after an await spans do not find their parents\n' +
      "           UO111 Add 'nodejs_als' to compatibility_flags.",
  )
  expect(read('dist/worker.js')).not.toContain('async_hooks')
  expect(read('dist/worker.js')).not.toMatch(/from ['"]@opentelemetry|from ['"]unplugin-otel/)
})

test('an environment of its own, and the browser beside it', async () => {
  const files = {
    'index.html': '<script type="module" src="/src/app.ts"></script>',
    'src/app.ts': `export const handler = () => document.title\nconsole.log(handler())\n`,
    'src/worker.ts': WORKER,
    'wrangler.jsonc':
      '{ "main": "src/worker.ts", "compatibility_date": "2026-07-01", /* als */ "compatibility_flags": ["nodejs_als"], }',
  }
  const { folder, printed, config, read } = createProject(files)
  const environments = { worker: { build: { outDir: 'dist/worker', rolldownOptions: { input: 'src/worker.ts' } } } }
  const browser = (outDir: string) => ({ build: { outDir }, environments: {} })
  const { createBuilder } = await import('vite')
  await (await createBuilder(config({}, { environments, builder: {}, build: { outDir: 'dist/client' } }))).buildApp()
  await build(config(false, browser('control')))
  expect(printed.join('\n')).toContain('context  AsyncLocalStorage (nodejs_als)')
  expect(printed.join('\n').match(/unplugin-otel/g)).toHaveLength(1)
  expect(read('dist/worker/worker.js')).toContain('node:async_hooks')
  const [client] = readdirSync(path.join(folder, 'dist/client/assets'))
  expect(read(`dist/client/assets/${client}`)).toBe(read(`control/assets/${client}`))
})

test('SSR in dev: the module is wrapped, its spans arrive, and a change of it is said once', async () => {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const { folder, printed, config } = createProject({
    'src/worker.ts': WORKER,
    'wrangler.toml': wrangler('src/worker.ts'),
  })
  const server = await createServer(config({}, { server: { middlewareMode: true, ws: false }, appType: 'custom' }))
  onTestFinished(() => server.close())
  const load = async () => (await server.ssrLoadModule('/src/worker.ts'))['default']
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const background: Promise<unknown>[] = []
  const ctx = { waitUntil: (work: Promise<unknown>) => void background.push(work) }
  const response = await (await load()).fetch(new Request('http://localhost/a?token=secret'), env, ctx)
  expect(await response.text()).toBe('hello /a')
  await Promise.all(background)
  expect(receiver.spans).toMatchObject([{ name: 'GET', attributes: { 'url.path': '/a', 'url.query': 'token=' } }])
  writeFileSync(path.join(folder, 'src/worker.ts'), WORKER.replace('hello', 'bye'))
  await vi.waitFor(
    async () =>
      expect(await (await (await load()).fetch(new Request('http://localhost/'), env, ctx)).text()).toBe('bye /'),
    5000,
  )
  expect(printed.filter((text) => text.includes('unplugin-otel'))).toHaveLength(1)
  await Promise.all(background)
  ran('vite', 'dev server')
})

test('nothing wrapped is a warning, options are checked, and `enabled: false` changes nothing', async () => {
  const { folder, printed, config, read } = createProject({
    'src/worker.ts': 'export const table = {}\n',
    'wrangler.toml': wrangler('src/worker.ts'),
  })
  const ssr = { build: { ssr: 'src/worker.ts' } }
  await build(config({}, ssr))
  expect(printed.join('\n')).toMatch(/nothing is wrapped: looked for .* in src\/worker\.ts/)
  await expect(build(config({ strict: true }, ssr))).rejects.toThrow(/nothing is wrapped: [^]*UO101/)
  await expect(build(config({ platfrom: 'cloudflare' } as Options, ssr))).rejects.toThrow(
    /unknown option 'platfrom'\nDid you mean 'platform'\?/,
  )
  writeFileSync(path.join(folder, 'src/worker.ts'), "export { trace as default } from '@opentelemetry/api'\n")
  const external = { build: { ...ssr.build, rolldownOptions: { external: ['@opentelemetry/api'] } } }
  await build(config({ enabled: false }, external))
  const off = read('dist/worker.js')
  await build(config(false, external))
  expect(read('dist/worker.js')).toBe(off)
  expect(off).toContain('@opentelemetry/api')
})

test('packages that are external stay so, but for ours', async () => {
  const source = `import { trace } from '@opentelemetry/api'\nimport { thing } from 'elsewhere'\n${WORKER}export { thing, trace }\n`
  const { config, read } = createProject({ 'src/worker.ts': source, 'wrangler.toml': wrangler('src/worker.ts') })
  const isPackage = (id: string) => !/^[./]/.test(id)
  await build(config({}, { build: { ssr: 'src/worker.ts', rolldownOptions: { external: isPackage } } }))
  const imports = [...read('dist/worker.js').matchAll(/from ["']([^"']+)["']/g)].map(([, name]) => name)
  expect(imports).toEqual(['elsewhere'])
})
