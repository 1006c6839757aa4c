/** Handlers that no plugin wraps, for deploy tools that take none: `wrapHandler`, run by each platform's own runtime. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { buildFunction, deploy, invoke, run } from './deploy.ts'
import { deployWorker, type DeployWorkerOptions } from './deploy-worker.ts'
import { createFunctionApp, startFunctionApp } from './harness/azure-host.ts'
import { createGoogleProject, startFunction } from './harness/google-function.ts'
import { ask, startNodeServer } from './harness/node-server.ts'
import { startReceiver } from './harness/otlp-receiver.ts'

const root = path.resolve(import.meta.dirname, '..')
/** Where a project has no copy of the package. */
const runtime = (name: string) => JSON.stringify(path.join(root, `dist/runtime/${name}.js`))
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`
const BARE = { otel: false } as const
/** The plugin as well. */
const BOTH = { otel: {} } as const

async function receive() {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  return { receiver, env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } }
}

/** In a folder of this package, which it finds by its name. */
function writeModule(source: string): string {
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(path.join(root, '.cache/by-hand-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'index.mjs')
  writeFileSync(file, source)
  return file
}

const LAMBDA = `
  import { traced } from 'unplugin-otel/runtime'
  import { wrapHandler } from 'unplugin-otel/runtime/aws-lambda'
  const work = async (event) => {
    await traced('work', async () => {})
    if (event.fails) throw new TypeError('refused')
    return { statusCode: 201 }
  }
  export const handler = wrapHandler(work)
`

test.each([BARE, BOTH])('Lambda, %o: one root with its child, before the answer or after it', async (options) => {
  const deployment = await deploy(LAMBDA, { ...options, extension: 'js' })
  const result = await invoke(deployment, { httpMethod: 'GET', headers: { traceparent } })
  expect(result.json()).toEqual({ statusCode: 201 })
  expect((await invoke(deployment, { fails: true })).error).toMatchObject({ errorType: 'TypeError' })
  const { traces, spans } = deployment.receiver
  expect(spans.map(({ kind }) => kind).toSorted()).toEqual([1, 1, 2, 2])
  expect(traces().flatMap(({ roots }) => roots.map(({ children }) => children.length))).toEqual([1, 1])
  const [answered, failed] = spans.filter(({ kind }) => kind === 2)
  expect(answered).toMatchObject({
    traceId: TRACE,
    attributes: {
      'http.response.status_code': 201,
      'faas.coldstart': true,
      'code.function.name': options.otel ? 'handler' : 'work',
    },
  })
  expect(failed).toMatchObject({ status: { code: 2, message: 'refused' } })
})

test('Lambda: inside of streamifyResponse', async () => {
  const streaming = await deploy(
    `import { wrapHandler } from 'unplugin-otel/runtime/aws-lambda'
    export const handler = awslambda.streamifyResponse(wrapHandler(async (event, stream) => { stream.write('a'); stream.end('b') }))`,
    { ...BARE, extension: 'js' },
  )
  expect(await invoke(streaming)).toMatchObject({ ok: true, streaming: true, text: 'ab' })
  expect(streaming.receiver.spans).toMatchObject([{ kind: 2 }])
})

const WORKER = `
  import { DurableObject } from 'cloudflare:workers'
  import { traced } from 'unplugin-otel/runtime'
  import { wrapHandler } from 'unplugin-otel/runtime/cloudflare'
  export const Counter = wrapHandler(class Counter extends DurableObject {
    #count = 0
    add(n) { return traced('add', () => (this.#count += n)) }
  })
  export default wrapHandler({
    async fetch(request, env) {
      const count = await env.COUNTER.get(env.COUNTER.idFromName('a')).add(2)
      await traced('later', async () => {})
      return new Response(String(count), { status: 201 })
    },
  })
`

test.each<DeployWorkerOptions>([
  { ...BARE, compatibilityFlags: ['nodejs_compat'] },
  { ...BOTH, compatibilityFlags: ['nodejs_compat'] },
  { ...BARE, compatibilityFlags: [] },
])('Workers, %o: an object and a Durable Object', async (options) => {
  const { worker, receiver } = await deployWorker(WORKER, { ...options, durableObjects: { COUNTER: 'Counter' } })
  const response = await worker.fetch('/', { headers: { traceparent } })
  expect([response.status, await response.text()]).toEqual([201, '2'])
  await worker.settled()
  const named = (name: string) => receiver.spans.filter((span) => span.name === name)
  expect(receiver.spans.map(({ name }) => name).toSorted()).toEqual(['Counter/add', 'GET', 'add', 'later'])
  expect(named('GET')).toMatchObject([{ traceId: TRACE, attributes: { 'http.response.status_code': 201 } }])
  expect(named('add')).toMatchObject([{ parentSpanId: named('Counter/add')[0]!.spanId }])
  const [later] = named('later')
  expect(later!.parentSpanId).toBe(options.compatibilityFlags![0] ? named('GET')[0]!.spanId : undefined)
})

test.each([BARE, BOTH])('a server, %o: what listens, and what it throws', async ({ otel }) => {
  const { receiver, env } = await receive()
  const source = `
    import { createServer } from 'node:http'
    import { traced } from 'unplugin-otel/runtime'
    import { wrapHandler } from 'unplugin-otel/runtime/node-server'
    process.on('uncaughtException', (error) => console.log('uncaught', error.message))
    const server = createServer(wrapHandler(wrapHandler(function app(request, response) {
      if (request.url === '/throws') { setTimeout(() => response.writeHead(500).end()); throw new Error('mine') }
      traced('work', () => response.writeHead(202).end('done'))
      return Promise.resolve('ignored')
    })))
    server.listen(0, '127.0.0.1', () => console.log('listening on ' + server.address().port))`
  // By plain Node, without a bundler; or built with the plugin.
  const file = otel
    ? path.join(await buildFunction(source, { otel: { platform: 'node-server' }, extension: 'js' }), 'index.mjs')
    : writeModule(source)
  const server = await startNodeServer(file, env)
  expect(await ask(server.url, { path: '/orders', headers: { traceparent } })).toMatchObject({
    status: 202,
    body: 'done',
  })
  expect(await ask(server.url, { path: '/throws' })).toMatchObject({ status: 500 })
  expect(server.output()).toContain('uncaught mine')
  await receiver.waitForSpans(3, 5000)
  expect(receiver.spans).toHaveLength(3)
  const [answered, failed] = receiver.spans.filter(({ kind }) => kind === 2)
  expect(answered).toMatchObject({ traceId: TRACE, name: 'GET', attributes: { 'http.response.status_code': 202 } })
  expect(failed).toMatchObject({ status: { code: 2, message: 'mine' } })
})

test('Google Cloud Functions: a request and a CloudEvent', async () => {
  const source = `
    const functions = require('@google-cloud/functions-framework')
    const { wrapHandler } = require(${runtime('google-cloud-functions')})
    functions.http('hello', wrapHandler((request, response) => { response.status(201).send('hello') }))
    functions.cloudEvent('stored', wrapHandler(async function stored(event) {}))`
  const project = createGoogleProject({ 'index.js': source }, ['@google-cloud/functions-framework'])
  const { receiver, env } = await receive()
  const http = await startFunction(path.join(project, 'index.js'), 'hello', env)
  const response = await fetch(`${http.url}/a`, { headers: { traceparent } })
  expect([response.status, await response.text()]).toEqual([201, 'hello'])
  const event = await startFunction(path.join(project, 'index.js'), 'stored', env, 'cloudevent')
  const headers = { 'ce-id': '1', 'ce-type': 'a.b', 'ce-source': '//s', 'ce-specversion': '1.0', traceparent }
  const told = await fetch(event.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{}',
  })
  expect(told.ok).toBe(true)
  await receiver.waitForSpans(2)
  expect(receiver.spans).toMatchObject([
    { traceId: TRACE, attributes: { 'http.response.status_code': 201 } },
    { kind: 2, attributes: { 'code.function.name': 'stored' } },
  ])
})

test('Firebase: a request and a callable', async () => {
  const source = `
    const { onCall, onRequest, HttpsError } = require('firebase-functions/v2/https')
    const { wrapHandler } = require(${runtime('firebase')})
    exports.api = onRequest(wrapHandler((request, response) => { response.status(202).json({ ok: true }) }))
    exports.call = onCall(wrapHandler(() => { throw new HttpsError('not-found', 'no such order') }))`
  const project = createGoogleProject({ 'index.js': source }, ['firebase-functions'])
  const { receiver, env } = await receive()
  const config = { FIREBASE_CONFIG: '{"projectId":"demo-orders"}', ...env }
  const api = await startFunction(path.join(project, 'index.js'), 'api', config)
  expect((await fetch(api.url, { headers: { traceparent } })).status).toBe(202)
  const call = await startFunction(path.join(project, 'index.js'), 'call', config)
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"data":{}}' }
  expect((await fetch(call.url, init)).status).toBe(404)
  await receiver.waitForSpans(2)
  expect(receiver.spans).toMatchObject([
    { traceId: TRACE, attributes: { 'http.response.status_code': 202 } },
    { status: { code: 0 }, attributes: { 'http.response.status_code': 404 } },
  ])
})

test('Azure Functions: what is registered with `app`, and a function of the older model', async () => {
  const files = {
    'index.cjs': `
      const { app } = require('@azure/functions')
      const { wrapHandler } = require(${runtime('azure-functions')})
      app.http('order', { route: 'orders', handler: wrapHandler(async () => ({ status: 201, body: 'made' })) })`,
    'old.cjs': `
      const { wrapHandler } = require(${runtime('azure-functions')})
      module.exports = wrapHandler(async function old(context) { context.res = { status: 203, body: 'old' } })`,
  }
  const folder = createFunctionApp(files, ['@azure/functions'])
  const { receiver, env } = await receive()
  const app = await startFunctionApp(path.join(folder, 'index.cjs'), env)
  const url = 'https://shop.azurewebsites.net/api/orders'
  expect(await app.request('order', url, { headers: { traceparent } })).toEqual({ status: 201, text: 'made' })
  const older = await startFunctionApp(undefined, env)
  await older.loadLegacy(path.join(folder, 'old.cjs'), 'old', {
    req: { type: 'httpTrigger', direction: 0 },
    res: { type: 'http', direction: 1 },
  })
  expect(await older.request('old', url)).toEqual({ status: 203, text: 'old' })
  await receiver.waitForSpans(2)
  expect(receiver.spans).toMatchObject([
    { traceId: TRACE, attributes: { 'http.response.status_code': 201 } },
    { attributes: { 'http.response.status_code': 203, 'faas.name': 'old' } },
  ])
})

test('Netlify: a function of a Request, by its own bootstrap, and one of an event', async () => {
  const bootstrap = path.join(
    root,
    'test/projects/netlify/node_modules/@netlify/serverless-functions-api/dist/index.js',
  )
  const source = `
    import { wrapHandler } from 'unplugin-otel/runtime/netlify'
    export default wrapHandler(async (request) => new Response('by ' + request.method, { status: 201 }))
    export const classic = wrapHandler(async (event) => ({ statusCode: 202, body: event.httpMethod }))`
  const event = {
    httpMethod: 'GET',
    path: '/a',
    rawUrl: 'https://a.netlify.app/a',
    headers: { traceparent },
    flags: {},
  }
  const folder = await buildFunction(source, { ...BARE, extension: 'js' })
  const classic = await run(folder, { lambda: { handler: 'index.classic' } })
  expect((await invoke(classic, event)).json()).toEqual({ statusCode: 202, body: 'GET' })
  expect(classic.receiver.spans).toMatchObject([{ traceId: TRACE, attributes: { 'http.response.status_code': 202 } }])
  cpSync(bootstrap, path.join(folder, '___netlify-bootstrap.mjs'))
  const entry = `import { getLambdaHandler } from './___netlify-bootstrap.mjs'\nexport const handler = getLambdaHandler('./index.mjs')\n`
  writeFileSync(path.join(folder, 'entry.mjs'), entry)
  const modern = await run(folder, { lambda: { handler: 'entry.handler' } })
  const { prelude, text } = await invoke(modern, event)
  expect([prelude?.statusCode, text]).toEqual([201, 'by GET'])
  expect(modern.receiver.spans).toMatchObject([{ traceId: TRACE, attributes: { 'http.response.status_code': 201 } }])
})

test('Next.js: a route, by its file, beside Next itself', async () => {
  const { receiver, env } = await receive()
  const file = writeModule(`
    import { createServer } from 'node:http'
    import { flush } from 'unplugin-otel/runtime'
    import { wrapHandler } from 'unplugin-otel/runtime/nextjs'
    const GET = wrapHandler(async () => new Response('ok', { status: 203 }), { file: 'app/users/[id]/route.ts' })
    const server = createServer(async (request, response) => {
      const answer = await GET(new Request('http://localhost/users/7'))
      response.writeHead(answer.status).end(await answer.text())
      await flush()
    })
    server.listen(0, '127.0.0.1', () => console.log('listening on ' + server.address().port))`)
  const server = await startNodeServer(file, env)
  expect(await ask(server.url)).toMatchObject({ status: 203, body: 'ok' })
  await receiver.waitForSpans(1, 5000)
  expect(receiver.spans).toMatchObject([
    { name: 'GET /users/[id]', attributes: { 'http.route': '/users/[id]', 'http.response.status_code': 203 } },
  ])
})
