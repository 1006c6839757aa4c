/** Servers of one's own, as real processes: what they answer is what they answer without us, and nothing is lost. */
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { buildFunction, functions, type DeployOptions } from './deploy.ts'
import { ask, keepAlive, startNodeServer, type Asked, type NodeServer } from './harness/node-server.ts'
import { startReceiver, type ReceivedSpan } from './harness/otlp-receiver.ts'

const project = path.join(import.meta.dirname, 'projects/node-server')
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)`
const PRELUDE = `
import { trace } from '@opentelemetry/api'
import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
import { setTimeout as sleep } from 'node:timers/promises'
const work = (name: string, run: () => unknown = () => {}) =>
  trace.getTracer('app').startActiveSpan(name, async (span) => {
    try { return await run() } finally { span.end() }
  })
`

/** The same routes in each framework. */
const FRAMEWORKS: Readonly<Record<string, string>> = {
  http: `
    import { createServer } from 'node:http'
    listen(createServer(async (request, response) => {
      const id = request.url!.slice('/orders/'.length).replace(/\\?.*/, '')
      if (!request.url!.startsWith('/orders/')) return void response.writeHead(404).end('nothing here')
      await work('load ' + id, () => sleep(Math.random() * 10))
      if (id === 'broken') response.statusCode = 503
      response.setHeader('x-order', id)
      response.end('order ' + id)
    }))`,
  express: `
    import express from 'express'
    const app = express()
    const orders = express.Router()
    app.use(async (request, response, next) => { await work('check', () => sleep(1)); next() })
    orders.get('/:id', async (request, response) => {
      const { id } = request.params
      await work('load ' + id, () => sleep(Math.random() * 10))
      if (id === 'broken') response.status(503)
      response.set('x-order', id).send('order ' + id)
    })
    app.use('/orders', orders)
    listen(app)`,
  fastify: `
    import fastify from 'fastify'
    const app = fastify()
    app.addHook('onRequest', async () => { await work('check', () => sleep(1)) })
    app.get<{ Params: { id: string } }>('/orders/:id', async (request, reply) => {
      const { id } = request.params
      await work('load ' + id, () => sleep(Math.random() * 10))
      if (id === 'broken') reply.code(503)
      reply.header('x-order', id)
      return 'order ' + id
    })
    await app.ready()
    listen(app.server)`,
  hono: `
    import { createAdaptorServer } from '@hono/node-server'
    import { Hono } from 'hono'
    const app = new Hono()
    app.use(async (context, next) => { await work('check', () => sleep(1)); await next() })
    app.get('/orders/:id', async (context) => {
      const { id } = context.req.param()
      await work('load ' + id, () => sleep(Math.random() * 10))
      return context.text('order ' + id, id === 'broken' ? 503 : 200, { 'x-order': id })
    })
    listen(createAdaptorServer(app))`,
  koa: `
    import Koa from 'koa'
    const app = new Koa()
    app.use(async (context, next) => { await work('check', () => sleep(1)); await next() })
    app.use(async (context) => {
      const id = context.path.slice('/orders/'.length)
      if (!context.path.startsWith('/orders/')) return
      await work('load ' + id, () => sleep(Math.random() * 10))
      if (id === 'broken') context.status = 503
      context.set('x-order', id)
      context.body = 'order ' + id
    })
    listen(app)`,
}

type Given = DeployOptions & { readonly env?: Readonly<Record<string, string>>; readonly external?: boolean }

function build(source: string, { external, ...options }: Given = {}): Promise<string> {
  return buildFunction(PRELUDE + source, {
    project,
    ...options,
    esbuild: external ? { packages: 'external' } : options.format === 'cjs' ? {} : { banner: { js: REQUIRE } },
  }).then((folder) => path.join(folder, options.format === 'cjs' ? 'index.cjs' : 'index.mjs'))
}

/** The server with the plugin, and the same one without. */
async function startBoth(source: string, { env = {}, ...given }: Given = {}) {
  const receiver = await startReceiver(given.receiver)
  onTestFinished(() => receiver.stop())
  const all = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env }
  const traced = await startNodeServer(await build(source, given), all)
  const control = await startNodeServer(await build(source, { ...given, otel: false }), all)
  return { receiver, traced, control }
}

async function expectSame(traced: NodeServer, control: NodeServer, requests: readonly Asked[]): Promise<void> {
  const [ours, theirs] = [keepAlive(), keepAlive()]
  for (const asked of requests) {
    const answer = await ask(traced.url, { agent: ours, ...asked })
    expect(answer).toEqual(await ask(control.url, { agent: theirs, ...asked }))
  }
}

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const SERVER = 2
const ERROR = 2

describe.each(Object.keys(FRAMEWORKS))('%s', (framework) => {
  const source = FRAMEWORKS[framework]!

  test.each<[string, Given]>([
    ['bundled', {}],
    ['external', { external: true }],
    // One of them awaits at its top level.
    ...(framework === 'fastify' ? [] : [['CommonJS', { format: 'cjs' }] as [string, Given]]),
  ])('%s: answers, parents, attributes; what has ended is sent at SIGTERM', async (_, given) => {
    const otel = { batching: { scheduledDelayMillis: 60_000 } }
    const { receiver, traced, control } = await startBoth(source, { otel, ...given })
    await expectSame(traced, control, [
      { path: '/orders/1?key=secret', headers: { traceparent: PARENT, 'user-agent': 'test' } },
      { path: '/orders/2', method: 'POST', body: 'x'.repeat(100_000) },
      { path: '/orders/2', method: 'HEAD' },
      { path: '/orders/broken' },
      { path: '/elsewhere' },
    ])
    expect(receiver.requests, 'nobody waited').toEqual([])
    expect([await traced.signal('SIGTERM'), await control.signal('SIGTERM')]).toEqual(['SIGTERM', 'SIGTERM'])
    expect(traced.output().split('\n').slice(1)).toEqual(control.output().split('\n').slice(1))
    expect(receiver.requests, 'all in one batch').toHaveLength(1)
    const roots = receiver.spans.filter(({ kind }) => kind === SERVER)
    const statuses = roots.map(({ attributes, status }) => [attributes['http.response.status_code'], status.code])
    const found = framework === 'http' || framework === 'koa' ? 200 : expect.any(Number)
    expect(statuses).toEqual([
      [200, 0],
      [found, 0],
      [found, 0],
      [503, ERROR],
      [404, 0],
    ])
    const routed = framework === 'express'
    expect(roots[0]).toMatchObject({
      name: routed ? 'GET /orders/:id' : 'GET',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
      attributes: {
        ...(routed && { 'http.route': '/orders/:id' }),
        'http.request.method': 'GET',
        'url.path': '/orders/1',
        'url.query': 'key=',
        'url.scheme': 'http',
        'server.address': '127.0.0.1',
        'user_agent.original': 'test',
      },
    })
    expect(roots[0]!.attributes).not.toHaveProperty('faas.trigger')
    expect(roots[3]!.attributes['error.type']).toBe('503')
    const first = receiver.spans.filter(({ traceId }) => traceId === roots[0]!.traceId)
    const check = framework === 'http' ? [] : [['check', roots[0]!.spanId]]
    expect(first.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([
      ...check,
      ['load 1', roots[0]!.spanId],
      [roots[0]!.name, 'b7ad6b7169203331'],
    ])
  })

  test('a hundred at once are not mixed; sent by the interval', async () => {
    const { receiver, traced } = await startBoth(source, { otel: { batching: { scheduledDelayMillis: 200 } } })
    const ids = Array.from({ length: 100 }, (_, n) => `n${n}`)
    const answers = await Promise.all(ids.map((id) => ask(traced.url, { path: `/orders/${id}` })))
    expect(answers.map(({ body }) => body)).toEqual(ids.map((id) => `order ${id}`))
    await receiver.waitForSpans(ids.length * (framework === 'http' ? 2 : 3))
    expectTraces(receiver.spans, ids)
    await traced.signal('SIGTERM')
    expect(receiver.spans).toHaveLength(ids.length * (framework === 'http' ? 2 : 3))
  })
})

function expectTraces(spans: readonly ReceivedSpan[], ids: readonly string[]): void {
  const roots = spans.filter(({ kind }) => kind === 2)
  expect(roots.map(({ attributes }) => attributes['url.path']).toSorted()).toEqual(
    ids.map((id) => `/orders/${id}`).toSorted(),
  )
  for (const root of roots) {
    const id = String(root.attributes['url.path']).slice('/orders/'.length)
    const children = spans.filter(({ traceId, kind }) => traceId === root.traceId && kind !== 2)
    expect(children.map(({ name }) => name).filter((name) => name !== 'check')).toEqual([`load ${id}`])
    for (const child of children) expect(child.parentSpanId).toBe(root.spanId)
  }
}
