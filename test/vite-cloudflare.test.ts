/** `unplugin-otel/vite` beside `@cloudflare/vite-plugin`: build and dev, configuration in a file and in memory. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import otel from 'unplugin-otel/vite'
import { expect, onTestFinished, test } from 'vitest'
import { createJournal } from './harness/journal.ts'
import { startReceiver, type Receiver } from './harness/otlp-receiver.ts'
import { startWorkerd } from './harness/workerd-host.ts'
import { createViteLogger } from './vite-logger.ts'

const root = path.resolve(import.meta.dirname, '..')
const tools = path.join(root, 'playgrounds/worker-vite')

Object.assign(process.env, { WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false', CI: '1' })

const WORKER = `import { DurableObject } from 'cloudflare:workers'
import { trace } from '@opentelemetry/api'
export class Counter extends DurableObject {
  #n = 0
  async increment() { return ++this.#n }
}
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
export default {
  async fetch(request, env, ctx) {
    await sleep(1)
    ctx.waitUntil(trace.getTracer('app').startActiveSpan('background', (span) => sleep(10).then(() => span.end())))
    const n = env.COUNTER ? await env.COUNTER.get(env.COUNTER.idFromName('a')).increment() : 'no object'
    return new Response('hello ' + n)
  },
}
`
const COUNTER = {
  durable_objects: { bindings: [{ name: 'COUNTER', class_name: 'Counter' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Counter'] }],
}

interface Project {
  readonly files?: Record<string, string>
  readonly receiver?: Receiver
  /** In memory, for their plugin. */
  readonly worker?: object
  /** Further Workers, by their configuration files. */
  readonly auxiliary?: string[]
}

async function createProject({ files = {}, receiver, worker, auxiliary = [] }: Project) {
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(path.join(root, '.cache/vite-cloudflare-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(path.join(tools, 'node_modules'), path.join(folder, 'node_modules'))
  const all = { 'package.json': '{ "type": "module", "name": "shop" }', 'src/front.js': WORKER, ...files }
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  // Not a static import: types are checked before the project is installed.
  const load = (file: string) => import(pathToFileURL(path.join(tools, 'node_modules', file)).href)
  const vite = await load('vite/dist/node/index.js')
  const { cloudflare } = await load('@cloudflare/vite-plugin/dist/index.mjs')
  const { printed, customLogger } = createViteLogger()
  const vars = receiver && { vars: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } }
  const config = {
    root: folder,
    configFile: false,
    customLogger,
    server: { host: '127.0.0.1', port: 0 },
    plugins: [
      otel({ enabled: true }),
      cloudflare({
        inspectorPort: false,
        persistState: false,
        config: { ...worker, ...vars },
        auxiliaryWorkers: auxiliary.map((configPath) => ({ configPath })),
      }),
    ],
  }
  return { folder, vite, config, printed, read: (name: string) => readFileSync(path.join(folder, name), 'utf8') }
}

const file = (more: object) =>
  JSON.stringify({ name: 'shop', main: 'src/front.js', compatibility_date: '2026-07-01', ...COUNTER, ...more })

test('build: configuration in a file', async () => {
  const files = { 'wrangler.jsonc': `// mine\n${file({ compatibility_flags: ['nodejs_als'] })}` }
  const { folder, vite, config, printed } = await createProject({ files })
  await (await vite.createBuilder(config)).buildApp()
  expect(printed.join('\n')).toMatch(
    /cloudflare, edge \(@cloudflare\/vite-plugin\)\n {2}context {2}AsyncLocalStorage .*\n {2}wrapped {2}src\/front.js:3:14 Counter \(methods\)\n {2}wrapped {2}src\/front.js:8:1 default \(fetch\)/,
  )
  const journal = createJournal()
  const receiver = await startReceiver({ journal })
  onTestFinished(() => receiver.stop())
  const worker = await startWorkerd({
    source: path.join(folder, 'dist/shop'),
    compatibilityFlags: ['nodejs_als'],
    durableObjects: { COUNTER: 'Counter' },
    journal,
    vars: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  })
  onTestFinished(() => worker.stop())
  expect(await (await worker.fetch('/')).text()).toBe('hello 1')
  await worker.settled()
  expect(receiver.spans.map(({ name }) => name).toSorted()).toEqual(['Counter/increment', 'GET', 'background'])
})

test.each([
  ['without flags', [], /until the first await.*neither nodejs_als nor nodejs_compat/, false],
  ['with nodejs_compat', ['nodejs_compat'], /context {2}AsyncLocalStorage/, true],
])('build: configuration in memory only, %s', async (_name, flags, context, als) => {
  const worker = {
    ...COUNTER,
    name: 'memory',
    main: './src/front.js',
    compatibility_date: '2026-07-01',
    compatibility_flags: flags,
  }
  const { vite, config, printed, read } = await createProject({ worker })
  await (await vite.createBuilder(config)).buildApp()
  expect(printed.join('\n')).toMatch(context)
  expect(printed.join('\n')).toContain('wrapped  src/front.js:8:1 default (fetch)')
  expect(read('dist/memory/index.js').includes('async_hooks')).toBe(als)
})

test('build: an auxiliary Worker has an entry of its own; that of the other is an import there', async () => {
  const { vite, config, printed } = await createProject({
    files: {
      'wrangler.jsonc': file({ compatibility_flags: ['nodejs_als'] }),
      'wrangler.aux.jsonc': '{ "name": "aux", "main": "src/aux.js", "compatibility_date": "2026-07-01" }',
      'src/aux.js': `import { Counter } from './front.js'\nexport default { fetch: () => new Response(Counter.name) }\n`,
    },
    auxiliary: ['wrangler.aux.jsonc'],
  })
  await (await vite.createBuilder(config)).buildApp()
  const [main, aux] = ['context  AsyncLocalStorage', 'context  until the first await'].map((context) =>
    printed.find((text) => text.includes('[unplugin-otel]') && text.includes(context)),
  )
  expect(main).toMatch(
    /wrapped {2}src\/front\.js:3:14 Counter .*\n {2}wrapped {2}src\/front\.js:8:1 default \(fetch\)$/,
  )
  expect(aux!.split('\n').slice(2, 3)).toEqual(['  wrapped  src/aux.js:2:1 default (fetch)'])
})

test('dev: spans arrive, also after a change of the module, and nothing is said twice', async () => {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const files = { 'wrangler.jsonc': file({ compatibility_flags: ['nodejs_als'] }) }
  const { folder, vite, config, printed } = await createProject({ files, receiver })
  const server = await vite.createServer(config)
  onTestFinished(() => server.close())
  await server.listen()
  const { port } = server.httpServer.address()
  let asked = 0
  const ask = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/`)).text()
    asked++
    return text
  }
  expect(await ask()).toBe('hello 1')
  await receiver.waitForSpans(3)
  const handler = receiver.spans.find(({ name }) => name === 'GET')
  expect(receiver.spans.find(({ name }) => name === 'background')).toMatchObject({ parentSpanId: handler!.spanId })
  writeFileSync(path.join(folder, 'src/front.js'), WORKER.replace("'hello '", "'bye '"))
  await expect.poll(ask, { timeout: 10_000 }).toMatch(/^bye/)
  await ask()
  await receiver.waitForSpans(3 * asked, 10_000)
  for (const each of ['Counter/increment', 'GET', 'background']) {
    expect(receiver.spans.filter(({ name }) => name === each)).toHaveLength(asked)
  }
  await server.close()
  expect(printed.filter((text) => text.includes('unplugin-otel'))).toHaveLength(1)
})

test('dev: the configuration file is edited, and the server restarts: what is built for is read again', async () => {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const files = { 'wrangler.jsonc': file({ compatibility_flags: ['nodejs_als'] }) }
  const { folder, vite, config, printed } = await createProject({ files, receiver })
  const server = await vite.createServer(config)
  onTestFinished(() => server.close())
  await server.listen()
  const ask = async (at = '/') => (await fetch(`http://127.0.0.1:${server.httpServer.address().port}${at}`)).text()
  expect(await ask()).toMatch(/^hello/)
  const said = () => printed.filter((text) => text.includes('[unplugin-otel]'))
  expect(said()).toEqual([expect.stringContaining('context  AsyncLocalStorage')])
  writeFileSync(path.join(folder, 'wrangler.jsonc'), file({ compatibility_flags: [] }))
  const isSaid = async () => (await ask().catch(() => ''), said().length > 1)
  await expect.poll(isSaid, { timeout: 20_000 }).toBe(true)
  expect(said()[1]).toContain('until the first await')
  const last = () => receiver.spans.filter(({ attributes }) => attributes['url.path'] === '/last')
  await expect.poll(() => ask('/last').catch(() => ''), { timeout: 20_000 }).toMatch(/^hello/)
  await expect.poll(last).toHaveLength(1)
})
