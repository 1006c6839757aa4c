/** Azure Functions: what is registered with `app`, or exported beside a function.json, run by Azure's own library. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tier1, type Build } from './bundlers/index.ts'
import { buildSilently } from './bundlers/silent-build.ts'
import { createFunctionApp, startFunctionApp } from './harness/azure-host.ts'
import { startReceiver } from './harness/otlp-receiver.ts'
import { ran, ranRow } from './ran.ts'

const PACKAGE = '@azure/functions'
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`

const FILES: Readonly<Record<string, string>> = {
  'src/index.mjs': `import { app } from '${PACKAGE}'
import './http.mjs'
import './others.mjs'
app.setup({ enableHttpStream: process.env.HTTP_STREAM === '1' })`,
  'src/http.mjs': `import { app, HttpResponse } from '${PACKAGE}'
import { trace } from '@opentelemetry/api'
const tracer = trace.getTracer('app')
async function* chunks() {
  for (const chunk of ['a', 'b', 'c']) {
    await new Promise((resolve) => setTimeout(resolve, 40))
    yield new TextEncoder().encode(chunk)
  }
}
const headers = { 'content-type': 'text/event-stream' }
async function order(request, context) {
  tracer.startSpan('read').end()
  await null
  return { status: 201, jsonBody: { id: request.params.id ?? null, name: context.functionName } }
}
app.http('order', { route: 'orders/{id}', handler: order })
app.get('fails', () => { throw new TypeError('refused') })
app.get('unavailable', () => new HttpResponse({ status: 503, body: 'no' }))
app.get('stream', () => ({ body: chunks(), headers }))
app.get('response', () => new HttpResponse({ status: 202, body: ReadableStream.from(chunks()), headers }))`,
  'src/others.mjs': `import { app } from '${PACKAGE}'
import { trace } from '@opentelemetry/api'
app.timer('tidy', { schedule: '0 0 * * * *', handler: async (timer) => { trace.getTracer('app').startSpan('tidied').end() } })
app.storageQueue('pick', { queueName: 'orders', connection: 'STORAGE', handler: (message) => { if (message.bad) throw new Error('bad') } })
app.serviceBusTopic('bill', { topicName: 'bills', subscriptionName: 'all', connection: 'BUS', cardinality: 'many', handler: async () => {} })
app.cosmosDB('index', { containerName: 'orders', databaseName: 'shop', connection: 'DB', handler: async () => {} })
app.generic('orchestrate', { trigger: { type: 'orchestrationTrigger', name: 'context' }, handler: () => 'replayed' })`,
}

interface Given extends Partial<Pick<Build, 'format' | 'bundled' | 'otel'>> {
  readonly bundler?: string
  readonly files?: Readonly<Record<string, string>>
  readonly dependencies?: readonly string[]
}

async function build({ bundler = 'esbuild', format = 'cjs', bundled = false, otel = {}, ...given }: Given = {}) {
  const files = given.files ?? FILES
  const root = createFunctionApp(files, given.dependencies ?? [PACKAGE])
  const outdir = path.join(root, 'dist')
  const name = (file: string) => path.parse(file).name
  const inputs = given.files ? Object.keys(files) : ['src/index.mjs']
  const entries = Object.fromEntries(inputs.map((file) => [name(file), path.join(root, file)]))
  const { output } = await buildSilently(tier1[bundler]!, { root, entries, outdir, format, bundled, otel })
  return output
}

async function start(file: string | undefined, env: Readonly<Record<string, string>> = {}) {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const app = await startFunctionApp(file, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env })
  return { app, receiver, roots: () => receiver.spans.filter(({ kind }) => kind === 2) }
}

const URL = 'https://shop.azurewebsites.net/api'

describe.each(Object.keys(tier1))('%s', (bundler) => {
  test.each([
    ['esm', false],
    ['cjs', false],
    ['cjs', true],
  ] as const)('%s, bundled: %s', async (format, bundled) => {
    const file = await build({ bundler, format, bundled })
    const { app, receiver, roots } = await start(file())
    const answer = await app.request('order', `${URL}/orders/7?token=secret`, { headers: { traceparent: PARENT } })
    expect(answer).toEqual({ status: 201, text: '{"id":null,"name":"order"}' })
    // Before the answer.
    expect(receiver.spans.map(({ name }) => name)).toEqual(['read', 'GET /api/orders/{id}'])
    const [read, root] = receiver.spans
    expect(read!.parentSpanId).toBe(root!.spanId)
    expect(root).toMatchObject({
      traceId: TRACE,
      parentSpanId: 'b7ad6b7169203331',
      kind: 2,
      attributes: {
        'code.function.name': 'order',
        'faas.name': 'order',
        'faas.coldstart': true,
        'faas.trigger': 'http',
        'http.request.method': 'GET',
        'http.response.status_code': 201,
        'http.route': '/api/orders/{id}',
        'url.path': '/api/orders/7',
        'url.query': 'token=',
      },
    })
    await app.invoke('tidy', { data: { json: '{"IsPastDue":false}' } })
    expect(roots().at(-1)).toMatchObject({
      name: 'tidy',
      attributes: { 'faas.trigger': 'timer', 'faas.cron': '0 0 * * * *' },
    })
    expect(receiver.spans).toHaveLength(4)
    ran(bundler, 'Azure Functions', format === 'esm' ? 'ESM' : 'CommonJS')
    ranRow(bundler, 59)
  })
})

test('errors, messages and documents; what is replayed makes no span', async () => {
  const file = await build()
  const { app, roots } = await start(file())
  await expect(app.request('fails', `${URL}/fails`)).rejects.toThrow('TypeError: refused')
  expect(roots().at(-1)).toMatchObject({ name: 'GET /api/fails', status: { code: 2, message: 'refused' } })
  expect(await app.request('unavailable', `${URL}/unavailable`)).toEqual({ status: 503, text: 'no' })
  expect(roots().at(-1)).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': '503' } })

  await app.invoke('pick', { data: { json: '{"id":1}' }, metadata: { Id: { string: 'm1' } }, traceParent: PARENT })
  expect(roots().at(-1)).toMatchObject({
    name: 'process orders',
    traceId: TRACE,
    attributes: {
      'faas.trigger': 'pubsub',
      'messaging.system.name': 'azure.storage_queues',
      'messaging.destination.name': 'orders',
      'messaging.message.id': 'm1',
    },
  })
  await expect(app.invoke('pick', { data: { json: '{"bad":true}' } })).rejects.toThrow('Error: bad')
  expect(roots().at(-1)).toMatchObject({ name: 'process orders', status: { code: 2, message: 'bad' } })

  const properties = JSON.stringify([{ 'Diagnostic-Id': PARENT }, {}])
  await app.invoke('bill', {
    data: { json: '[1,2]' },
    metadata: { ApplicationPropertiesArray: { json: properties } },
  })
  const bill = roots().at(-1)!
  expect(bill).toMatchObject({
    name: 'process bills',
    attributes: { 'messaging.system.name': 'azure.servicebus', 'messaging.batch.message_count': 2 },
  })
  expect(bill.links).toMatchObject([{ traceId: TRACE }])

  await app.invoke('index', { data: { json: '[{"id":"1"}]' } })
  expect(roots().at(-1)).toMatchObject({
    name: 'index',
    attributes: { 'faas.trigger': 'datasource', 'faas.document.collection': 'orders' },
  })
  const before = roots().length
  await app.invoke('orchestrate', { data: { string: '{}' } })
  expect(roots()).toHaveLength(before)
})

test.each(['stream', 'response'])('%s: the root ends with the body, buffered and streamed', async (name) => {
  const file = await build()
  for (const HTTP_STREAM of ['0', '1']) {
    const { app, roots } = await start(file(), { HTTP_STREAM })
    expect((await app.request(name, `${URL}/${name}`)).text).toBe('abc')
    await expect.poll(() => roots()).toHaveLength(1)
    const [root] = roots()
    expect(root!.endMs - root!.startMs).toBeGreaterThanOrEqual(115)
    expect(root!.attributes['http.response.status_code']).toBe(name === 'stream' ? 200 : 202)
    await app.terminate()
  }
})

test('answers and errors are those of the app without the plugin', async () => {
  const [ours, theirs] = await Promise.all([build(), build({ otel: false })])
  const asked = async (file: string) => {
    const { app } = await start(file)
    const answers = ['orders/7', 'fails', 'unavailable', 'stream', 'response'].map((route) =>
      app.request(route.replace(/s\/.*/, ''), `${URL}/${route}`).catch(String),
    )
    return [app.functions, await Promise.all(answers), await app.invoke('pick', { data: { json: '{}' } }), app.output()]
  }
  const idless = async (seen: Promise<unknown>) => JSON.stringify(await seen).replace(/[\da-f-]{36}/g, 'id')
  expect(await idless(asked(ours()))).toBe(await idless(asked(theirs())))
})

test('on a plan whose instances stay nobody waits, and what is left is sent when it stops', async () => {
  const file = await build()
  const { app, receiver } = await start(file(), { WEBSITE_SKU: 'ElasticPremium' })
  await app.request('order', `${URL}/orders/7`)
  expect(receiver.spans).toEqual([])
  expect(await app.terminate()).toBe(0)
  expect(receiver.spans.map(({ name }) => name)).toEqual(['read', 'GET /api/orders/{id}'])
})

test('several bundles in one process: one root', async () => {
  const file = await build({
    files: {
      'src/one.mjs': `import { app } from '${PACKAGE}'\napp.get('one', () => ({ body: 'one' }))`,
      'src/two.mjs': `import { app } from '${PACKAGE}'\napp.get('two', () => ({ body: 'two' }))`,
    },
  })
  writeFileSync(file('main'), `require('./one.cjs'); require('./two.cjs')`)
  const { app, roots } = await start(file('main'))
  expect((await app.request('one', `${URL}/one`)).text).toBe('one')
  expect((await app.request('two', `${URL}/two`)).text).toBe('two')
  expect(roots().map(({ name }) => name)).toEqual(['GET /api/one', 'GET /api/two'])
})

describe('the older model', () => {
  const http = { req: { type: 'httpTrigger', direction: 'in' }, res: { type: 'http', direction: 'out' } }
  const timer = { timer: { type: 'timerTrigger', direction: 'in' } }
  const LEGACY = {
    'src/promise.cjs': `module.exports = async function (context, request) {
      context.res = { status: 201, body: 'hello ' + request.query.name }
    }`,
    'src/done.cjs': `module.exports.run = function (context, request) {
      setTimeout(() => { context.res = { status: 503, body: 'busy' }; context.done() }, 20)
    }`,
    'src/send.cjs': `module.exports = (context) => { context.res.status(404).send('missing') }`,
    'src/tidy.cjs': `module.exports = async () => { throw new RangeError('untidy') }`,
  }

  test.each(['esbuild', 'rollup'])('%s: promises, `done`, `send`', async (bundler) => {
    const file = await build({ bundler, files: LEGACY, dependencies: [] })
    const { app, roots } = await start(undefined)
    for (const name of ['promise', 'done', 'send']) await app.loadLegacy(file(name), name, http)
    await app.loadLegacy(file('tidy'), 'tidy', timer)
    const ask = (name: string) => app.request(name, `${URL}/${name}?name=you`, { headers: { traceparent: PARENT } })
    expect(await ask('promise')).toEqual({ status: 201, text: 'hello you' })
    expect(roots()).toMatchObject([
      {
        name: 'GET /api/promise',
        traceId: TRACE,
        attributes: { 'http.response.status_code': 201, 'faas.name': 'promise' },
      },
    ])
    expect(await ask('done')).toEqual({ status: 503, text: 'busy' })
    expect(roots()[1]).toMatchObject({ status: { code: 2 }, attributes: { 'http.response.status_code': 503 } })
    expect(roots()[1]!.endMs - roots()[1]!.startMs).toBeGreaterThanOrEqual(18)
    expect(await ask('send')).toEqual({ status: 404, text: 'missing' })
    expect(roots()[2]).toMatchObject({ status: { code: 0 }, attributes: { 'http.response.status_code': 404 } })
    await expect(app.invoke('tidy', { data: { json: '{}' } })).rejects.toThrow('untidy')
    expect(roots()[3]).toMatchObject({ name: 'tidy', status: { code: 2 }, attributes: { 'faas.trigger': 'timer' } })
  })
})
