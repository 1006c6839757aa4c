/** What is found in a module, and above all what is not. */
import { expect, test } from 'vitest'
import { findObsolete } from '../../src/plugin/obsolete/find.ts'
import type { Sources } from '../../src/plugin/obsolete/modules.ts'
import { MENTIONS, packages } from '../../src/plugin/obsolete/seeds.ts'

/** The modules of a project, by their path. */
function sourcesOf(files: Record<string, string>): Sources {
  return {
    resolve: (specifier) =>
      Object.keys(files).find((file) => file.replace(/\.\w+$/, '') === specifier.replace('.', '')),
    read: (file) => files[file],
    handlersOf: () => ({ has: () => true }),
  }
}

function find(code: string, files: Record<string, string> = {}) {
  const found = findObsolete(code, 'src/chat.ts', '/chat.ts', sourcesOf(files))
  return found.map(({ line, column, code }) => `${line}:${column} ${code}`)
}

const handler = (body: string) => `export const handler = async (event, ctx, db) => {\n  ${body}\n}\n`

const SDK = `import { NodeTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-node'
const provider = new NodeTracerProvider()
provider.register()
`

test('a finding says where, what, why and what to do', () => {
  expect(
    findObsolete(`${SDK}${handler('await provider.forceFlush()')}`, 'src/chat.ts', '/chat.ts', sourcesOf({})),
  ).toEqual([
    {
      path: 'src/chat.ts',
      line: 5,
      column: 3,
      code: 'await provider.forceFlush()',
      why: 'harmless to leave; spans leave with the invocation',
      remedy: 'Remove it: npx unplugin-otel migrate',
    },
  ])
})

test.each([
  ['awaited', 'await provider.forceFlush()'],
  ['not waited for', 'void provider.forceFlush()'],
  ['what may be missing', 'await provider?.forceFlush?.()'],
  ['with its errors', 'await provider.forceFlush().catch((error) => console.error(error))'],
  ['by the platform', 'ctx.waitUntil(provider.forceFlush())'],
  ['of an assertion', 'await (provider as NodeTracerProvider)!.forceFlush()'],
  ['by a name of its own', 'await provider["forceFlush"]()'],
])('a flush %s', (_, flush) => {
  expect(find(SDK + handler(flush))).toEqual([`5:3 ${flush}`])
})

test.each([
  ['a default import', `import zespan from '@zespan/sdk'`, 'await zespan.getClient().flush()'],
  ['another name', `import { zespan as telemetry } from '@zespan/sdk'`, 'await telemetry.getClient().flush()'],
  ['all of a package', `import * as braintrust from 'braintrust'`, 'await braintrust.flush()'],
  ['require', `const braintrust = require('braintrust')`, 'await braintrust.flush()'],
  ['what is taken of require', `const { flush: send } = require('braintrust')`, 'await send()'],
  ['import()', `const { flush } = await import('braintrust')`, 'await flush()'],
  [
    'a client in a variable',
    `import { zespan } from '@zespan/sdk'\nconst client = zespan.getClient()`,
    'await client.flush()',
  ],
  [
    'a client that is made when it is needed',
    `import { Langfuse } from 'langfuse'\nlet client: Langfuse | undefined\nconst get = () => (client ??= new Langfuse())`,
    'await get().flushAsync()',
  ],
  [
    'a function that makes it',
    `import { Client } from 'langsmith'\nfunction create() {\n  const client = new Client()\n  return client\n}`,
    'await create().awaitPendingTraceBatches()',
  ],
  ['a wrapped client', `import { observeOpenAI } from 'langfuse'`, 'await observeOpenAI(event).flushAsync()'],
])('a client by %s', (_, head, flush) => {
  expect(find(`${head}\n${handler(flush)}`)).toContain(`${head.split('\n').length + 2}:3 ${flush}`)
})

const OTIS = `import { initOtis } from '@runotis/sdk'\n`

test.each([
  ['export const', { '/otis.ts': `${OTIS}export const otis = initOtis({})` }, `import { otis } from './otis'`],
  [
    'an export clause',
    { '/otis.ts': `${OTIS}const o = initOtis()\nexport { o as otis }` },
    `import { otis } from './otis'`,
  ],
  ['a default export', { '/otis.ts': `${OTIS}export default initOtis()` }, `import otis from './otis'`],
  [
    'exports of CommonJS',
    { '/otis.js': `const { initOtis } = require('@runotis/sdk')\nexports.otis = initOtis()` },
    `const { otis } = require('./otis')`,
  ],
  [
    'module.exports',
    { '/otis.js': `const otis = require('@runotis/sdk').initOtis()\nmodule.exports = { otis }` },
    `const { otis } = require('./otis')`,
  ],
  [
    'a barrel',
    { '/otis.ts': `export * from './client'`, '/client.ts': `${OTIS}export const otis = initOtis()` },
    `import { otis } from './otis'`,
  ],
])('a client of another module, by %s', (_, files, head) => {
  expect(find(`${head}\n${handler('ctx.waitUntil(otis.flush())')}`, files)).toEqual(['3:3 ctx.waitUntil(otis.flush())'])
})

test('a function that does no more than flush', () => {
  const flushes = [
    'async function flushAll() { await provider.forceFlush() }',
    'const flushAll = () => provider.forceFlush().catch(() => {})',
    'async function flushAll() { try { await provider.forceFlush() } catch (error) { console.error(error) } }',
  ]
  for (const flush of flushes) {
    const files = { '/telemetry.ts': `${SDK}export ${flush}` }
    const code = `import { flushAll } from './telemetry'\n${handler('await flushAll()')}`
    expect(find(code, files), flush).toEqual(['3:3 await flushAll()'])
    const more = { '/telemetry.ts': `${SDK}export ${flush.replace('provider.', 'more(), provider.')}` }
    expect(find(code, more), flush).toEqual([])
  }
})

test('modules that export from each other in a circle', () => {
  const stars = (...names: string[]) => names.map((name) => `export * from './${name}'`).join('\n')
  const files = { '/a.ts': stars('b', 'c'), '/b.ts': stars('a', 'c'), '/c.ts': stars('a', 'b') }
  expect(find(`import { client } from './a'\n${handler('await client.flush()')}`, files)).toEqual([])
})

test('what guides of LLM clients have, and set-ups', () => {
  const code = `import { initOtis } from '@runotis/sdk/edge'
import { wrapOpenAI } from 'braintrust'
import { NodeSDK, tracing } from '@opentelemetry/sdk-node'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import * as ai from 'ai'
export const otis = initOtis({ apiKey: '…', serverless: true })
export const { streamText } = otis.wrap(ai)
export const openai = wrapOpenAI(new OpenAI())
new NodeSDK({ spanProcessors: [new tracing.BatchSpanProcessor(new OTLPTraceExporter())] }).start()
`
  expect(find(code)).toEqual([
    `1:26 '@runotis/sdk/edge'`,
    '6:45 serverless: true',
    '7:31 otis.wrap(ai)',
    '8:23 wrapOpenAI(new OpenAI())',
    '9:32 new tracing.BatchSpanProcessor(new OTLPTraceExporter())',
  ])
})

test('a long line is cut, and several lines are one', () => {
  const long = `ctx\n    .waitUntil(\n      provider.forceFlush().catch((error) => console.error('the spans of this request are lost', error)),\n    )`
  const [found] = find(SDK + handler(long))
  expect(found).toBe(`5:3 ctx .waitUntil( provider.forceFlush().catch((error) => console.error('*********…`)
  expect(found!.slice(4)).toHaveLength(80)
})

test.each([
  ['a database', handler('await db.flush()')],
  [
    'a buffer of its own',
    `class Buffer {\n  flush() {}\n}\nconst client = new Buffer()\n${handler('await client.flush()')}`,
  ],
  ['a stream', `import { createGzip } from 'node:zlib'\nconst client = createGzip()\n${handler('client.flush()')}`],
  ['a parameter that hides it', `${SDK}export const handler = async (provider) => {\n  await provider.forceFlush()\n}`],
  ['a local that hides it', SDK + handler('{ const provider = db; await provider.forceFlush() }')],
  [
    'a variable that is set to something else',
    `${SDK.replace('const', 'let')}provider = globalThis.other\n${handler('await provider.forceFlush()')}`,
  ],
  ['a type', `import type { zespan } from '@zespan/sdk'\n${handler('await zespan.flush()')}`],
  ['another export', `import { initDataset } from 'braintrust'\n${handler('await initDataset().flush()')}`],
  ['another package', `import { flush } from './braintrust'\n${handler('await flush()')}`],
  ['a property', `${SDK}const o = { provider: { forceFlush() {} } }\n${handler('await o.provider.forceFlush()')}`],
  [
    'functions that call each other',
    `${SDK}const flushA = () => flushB()\nconst flushB = () => flushA()\n${handler('await flushA()')}`,
  ],
  ['errors', `import * as Sentry from '@sentry/aws-serverless'\n${handler('await Sentry.flush(2000)')}`],
  [
    'analytics',
    `import { PostHog } from 'posthog-node'\nconst client = new PostHog('key')\n${handler('await client.flush()')}`,
  ],
  [
    'metrics',
    `import { MeterProvider } from '@opentelemetry/sdk-metrics'\nconst provider = new MeterProvider()\n${handler('await provider.forceFlush()')}`,
  ],
  [
    'metrics of the API',
    `import { metrics } from '@opentelemetry/api'\n${handler('await metrics.getMeterProvider().forceFlush()')}`,
  ],
  ['the top level: no invocation', `${SDK}await provider.forceFlush()\nexport {}`],
  [
    'the end of the process',
    `${SDK}process.once('SIGTERM', async () => {\n  await provider.forceFlush()\n})\n${handler('')}`,
  ],
  [
    'the end of the process, by name',
    `${SDK}const bye = async () => {\n  await provider.forceFlush()\n  work()\n}\nprocess.on('SIGINT', bye)`,
  ],
  [
    'the end of an SDK',
    `${SDK}export async function end() {\n  await provider.forceFlush()\n  await provider.shutdown()\n}`,
  ],
  [
    'a function for the end',
    `${SDK}export async function closeTelemetry() {\n  work()\n  await provider.forceFlush()\n}`,
  ],
  [
    'what runs when the module is loaded',
    `${SDK}async function main() {\n  work()\n  await provider.forceFlush()\n}\nmain().catch(console.error)\nexport {}`,
  ],
  ['what runs at once', `${SDK};(async () => {\n  work()\n  await provider.forceFlush()\n})()\nexport {}`],
  ['what follows that', `${SDK}work().then(async () => {\n  await provider.forceFlush()\n})`],
  ['shutdown', SDK + handler('await provider.shutdown()')],
  ['an option that is off', `${OTIS}export const otis = initOtis({ serverless: false })`],
  ['an option of something else', `export const settings = { serverless: true }`],
  ['an exporter for the console', `${SDK}new BatchSpanProcessor(new ConsoleSpanExporter())`],
  ['what is mentioned', `// await zespan.getClient().flush() of '@zespan/sdk'\n${handler('')}`],
  ['what cannot be parsed', `import { flush } from 'braintrust'\nawait flush(`],
  [
    'what is too deep to walk',
    `import { flush } from 'braintrust'\nexport const a = ${'1 + '.repeat(12_000)}1\n${handler('await flush()')}`,
  ],
])('not: %s', (_, code) => {
  expect(find(code)).toEqual([])
})

test('only what is registered is certain', () => {
  const why = (code: string) => findObsolete(code, 'chat.ts', 'chat.ts', sourcesOf({})).map(({ why }) => why)
  const certain = 'harmless to leave; spans leave with the invocation'
  const head = `import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { LangfuseSpanProcessor } from '@langfuse/otel'
import { registerOTel } from '@vercel/otel'
import { setLangfuseTracerProvider } from '@langfuse/tracing'
import { trace } from '@opentelemetry/api'
`
  const registered = [
    'const it = new NodeTracerProvider()\ntrace.setGlobalTracerProvider(it)',
    'const it = new LangfuseSpanProcessor()\nnew NodeSDK({ spanProcessors: [it] }).start()',
    'const it = new LangfuseSpanProcessor()\nconst sdk = new NodeSDK({ spanProcessors: [it] })\nsdk.start()',
    'const it = new LangfuseSpanProcessor()\nregisterOTel({ spanProcessors: [it] })',
    'const it = new LangfuseSpanProcessor()\nconst p = new NodeTracerProvider()\np.addSpanProcessor(it)\np.register()',
    'const it = trace.getTracerProvider()',
  ]
  for (const code of registered)
    expect(why(`${head}${code}\n${handler('await it.forceFlush()')}`), code).toEqual([certain])
  const others = [
    'const it = new NodeTracerProvider()',
    'const it = new LangfuseSpanProcessor()\nnew NodeSDK({ spanProcessors: [it] })',
    'const it = new NodeTracerProvider()\nsetLangfuseTracerProvider(it)',
    'const it = new NodeTracerProvider()\nconst other = new NodeTracerProvider()\nother.register()',
    'const it = new NodeTracerProvider()\nfunction start() { it.register() }',
  ]
  for (const code of others) {
    expect(why(`${head}${code}\n${handler('await it.forceFlush()')}`), code).toEqual([
      `${certain} if their provider is registered when the module is loaded`,
    ])
  }
})

test('a callback may run when the invocation has ended', () => {
  const why = (body: string) => findObsolete(SDK + handler(body), 'chat.ts').map(({ why }) => why)
  const late = 'harmless to leave; spans that end before the handler has settled leave with the invocation'
  expect(why('return stream({ onFinish: async () => { log(); await provider.forceFlush() } })')).toEqual([late])
  expect(why('setTimeout(() => { provider.forceFlush() })')).toEqual([late])
  const wrapper = `${SDK}export const traced = (handler) => async (event) => {\n  await provider.forceFlush()\n}`
  expect(findObsolete(wrapper, 'chat.ts')[0]!.why).not.toBe(late)
})

test('what the build does not wrap', () => {
  const why = (code: string) => findObsolete(SDK + code, 'chat.ts', 'chat.ts', sourcesOf({})).map(({ why }) => why)
  const unwrapped = 'harmless to leave; spans leave with the invocation of a wrapped handler'
  const method = (name: string) => `async ${name}() { work(); await provider.forceFlush() }`
  expect(why(`export default { ${method('fetch')}, ${method('tail')} }`)).toEqual([expect.anything(), unwrapped])
  expect(why(`export class Steps extends WorkflowEntrypoint { ${method('run')} }`)).toEqual([unwrapped])
  expect(why(`export async function flushTraces() { work(); await provider.forceFlush() }`)).toEqual([unwrapped])
  expect(why(`export const spans = new InMemorySpanExporter()\n${handler('await provider.forceFlush()')}`)).toEqual([
    unwrapped,
  ])
  expect(why(`/* otel:ignore */\n${handler('await provider.forceFlush()')}`)).toEqual([unwrapped])
})

const FLUSH = 'async () => { work(); await provider.forceFlush() }'

test.each([
  ['a scheduler', `import { schedule } from 'node-cron'\nexport const task = schedule('* * * * *', ${FLUSH})`],
  [
    'a scheduler beside',
    `import cron from 'node-cron'\ncron.schedule('* * *', ${FLUSH})\nexport const handler = cron.go()`,
  ],
  ['a server', `import http from 'node:http'\nexport const app = http.createServer(${FLUSH}).listen(3000)`],
  [
    'a constructor, in an object',
    `export const server = new Server({ async fetch() { work(); await provider.forceFlush() } })`,
  ],
  ['a timer', `setInterval(${FLUSH}, 1000)`],
  ['a timer, by its name', `const tick = ${FLUSH}\nsetInterval(tick, 1000)`],
  ['a timer, and the platform', `export const handler = ${FLUSH}\nsetInterval(handler, 1000)`],
  ['an app that is not exported', `const app = new Hono()\napp.get('/', ${FLUSH})\nserve(app)`],
])('a callback of %s runs without a handler', (_, code) => {
  expect(isCertain(code)).toBe(false)
})

test.each([
  ['Azure', `import { app } from '@azure/functions'\napp.http('chat', { handler: ${FLUSH} })`],
  ['Google', `const functions = require('@google-cloud/functions-framework')\nfunctions.http('chat', ${FLUSH})`],
  ['Firebase', `import { onRequest } from 'firebase-functions/v2/https'\nexport const chat = onRequest(${FLUSH})`],
  ['a service worker', `addEventListener('fetch', ${FLUSH})\nself.addEventListener('fetch', ${FLUSH})`],
  ['a wrapper of the handler', `export const handler = middy(${FLUSH}).use(log())`],
  ['a wrapper, exported later', `const traced = wrap(${FLUSH})\nexport { traced as handler }`],
  ['a wrapper of CommonJS', `exports.handler = wrap(${FLUSH})`],
  ['the default export', `export default wrap(${FLUSH})`],
  ['an app', `const app = new Hono()\napp.get('/', ${FLUSH})\nexport default app`],
  ['an app in a handler', `const app = express()\napp.get('/', ${FLUSH})\nexport const handler = serverless(app)`],
])('a callback of %s is one of a handler', (_, code) => {
  expect(isCertain(code)).toBe(true)
})

/** In an entry whose handlers are `handler` and `default`. */
function isCertain(code: string): boolean {
  const sources = { ...sourcesOf({}), handlersOf: () => new Set(['handler', 'default']) }
  const found = findObsolete(SDK + code, 'chat.ts', 'chat.ts', sources)
  expect(found.length).toBeGreaterThan(0)
  return found.every(({ why }) => why === 'harmless to leave; spans leave with the invocation')
}

test('every package of the table is mentioned by a module that imports it', () => {
  for (const name of packages) expect(MENTIONS.test(`import 'x'\nimport x from '${name}'`), name).toBe(true)
  expect(MENTIONS.test(`import { createServer } from 'node:http'\nconsole.log('flushed, wrapped')`)).toBe(false)
})
