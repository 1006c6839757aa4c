/** Cloudflare Workers in real workerd: every kind of event, nothing lost, nothing mixed, nobody waits. */
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { deployWorker, type DeployWorkerOptions } from './deploy-worker.ts'
import { functions } from './deploy.ts'
import type { Journal } from './harness/journal.ts'

const source = path.join(functions, 'worker.ts')
const bindings: DeployWorkerOptions = {
  durableObjects: { COUNTER: 'Counter' },
  services: { ADMIN: { name: 'main', entrypoint: 'Admin' } },
}
const deploy = (options: DeployWorkerOptions = {}) => deployWorker(source, { ...bindings, ...options })
const orderOf = ({ entries }: Journal) =>
  entries
    .map(({ type }) => type)
    .filter((type) => ['response-last-byte', 'otlp-first-byte', 'otlp-answered', 'evicted'].includes(type))
const named = <T extends { name: string }>(spans: readonly T[], name: string) =>
  spans.filter((span) => span.name === name)

describe('events', () => {
  test('fetch: attributes, status, children, background work that ends after the root', async () => {
    const { worker, receiver } = await deploy()
    const response = await worker.fetch('/background?n=1&token=secret')
    expect(await response.text()).toBe('answer 1')
    await worker.settled()
    const [root] = named(receiver.spans, 'GET')
    expect(root).toMatchObject({
      kind: 2,
      attributes: {
        'faas.trigger': 'http',
        'faas.coldstart': true,
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'url.path': '/background',
        'url.query': 'n=&token=',
        'url.scheme': 'http',
        'server.address': '127.0.0.1',
        'code.function.name': 'default.fetch',
      },
      resource: { 'cloud.provider': 'cloudflare', 'cloud.platform': 'cloudflare.workers' },
    })
    const [child] = named(receiver.spans, 'child 1')
    const [background] = named(receiver.spans, 'background 1')
    expect(receiver.spans).toHaveLength(3)
    for (const span of [child, background]) expect(span).toMatchObject({ parentSpanId: root!.spanId })
    expect(background!.endMs).toBeGreaterThan(root!.endMs)
    expect(background!.endMs - background!.startMs).toBeGreaterThanOrEqual(29)
    expect(receiver.requests).toHaveLength(1)
  })

  test('scheduled and queue', async () => {
    const { worker, receiver } = await deploy()
    await worker.scheduled('*/5 * * * *', new Date('2026-11-21T10:00:00Z'))
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const result = await worker.queue('orders', [{ order: 1, traceparent }])
    await worker.queue('orders', [{ order: 2 }, { order: 3, traceparent }])
    expect(result.outcome).toBe('ok')
    await worker.settled()
    expect(named(receiver.spans, 'scheduled')[0]).toMatchObject({
      attributes: {
        'faas.trigger': 'timer',
        'faas.cron': '*/5 * * * *',
        'faas.invocation.start_time': '2026-11-21T10:00:00.000Z',
      },
    })
    expect(named(receiver.spans, 'scheduled background')).toHaveLength(1)
    const [one, two] = named(receiver.spans, 'process orders')
    expect(one).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
      attributes: { 'messaging.system.name': 'cloudflare_queues', 'messaging.destination.name': 'orders' },
    })
    expect(two).toMatchObject({ attributes: { 'messaging.batch.message_count': 2 } })
    expect(two!.links).toMatchObject([{ spanId: 'b7ad6b7169203331' }])
  })

  test('a batch of a queue waits for no span that is left open', async () => {
    const { worker, receiver } = await deployWorker(`
      import { trace } from '@opentelemetry/api'
      export default {
        fetch: () => new Response(''),
        queue() {
          const span = trace.getTracer('app').startSpan('left')
          setTimeout(() => span.end(), 500)
        },
      }
    `)
    await worker.queue('orders', ['order'])
    await worker.settled()
    expect(named(receiver.spans, 'left')).toMatchObject([
      { attributes: { 'unplugin_otel.end_reason': 'handler_returned' } },
    ])
  })

  test('Durable Objects and entrypoints: RPC, fetch, alarm, private members, the very errors', async () => {
    const { worker, receiver } = await deploy()
    const control = await deploy({ otel: false })
    for (const route of ['/rpc', '/rpc-error', '/object', '/admin']) {
      const ours = await worker.fetch(route)
      const theirs = await control.worker.fetch(route)
      expect([ours.status, await ours.text()]).toEqual([theirs.status, await theirs.text()])
      expect(Object.fromEntries(ours.headers)).toEqual(Object.fromEntries(theirs.headers))
    }
    await worker.settled()
    const names = receiver.spans.map(({ name }) => name)
    expect(names.toSorted()).toEqual(
      `GET GET GET GET GET Counter/increment Counter/twice twice Counter/fail object·background Admin/greet greeting`
        .split(' ')
        .map((name) => name.replace('·', ' '))
        .toSorted(),
    )
    expect(named(receiver.spans, 'Counter/fail')[0]).toMatchObject({
      status: { code: 2, message: 'not today' },
      attributes: { 'error.type': 'TypeError', 'rpc.method': 'Counter/fail' },
    })
    const [twice] = named(receiver.spans, 'Counter/twice')
    expect(named(receiver.spans, 'twice')[0]).toMatchObject({ parentSpanId: twice!.spanId })
    expect(control.receiver.requests).toHaveLength(0)
  })
})

test('an alarm', async () => {
  const { worker, receiver } = await deploy()
  expect(await (await worker.fetch('/alarm')).json()).toBe('set')
  await expect.poll(() => named(receiver.spans, 'on alarm')).toHaveLength(1)
  const [alarm] = named(receiver.spans, 'Counter/alarm')
  expect(alarm).toMatchObject({ attributes: { 'faas.trigger': 'timer', 'code.function.name': 'Counter.alarm' } })
  expect(named(receiver.spans, 'on alarm')[0]).toMatchObject({ parentSpanId: alarm!.spanId })
})

describe('nothing is lost', () => {
  test('200 requests with background work, each evicted right after its waitUntil set had settled', async () => {
    const { worker, receiver, journal } = await deploy()
    for (let n = 0; n < 200; n++) {
      expect((await worker.request(`/background?n=${n}`)).body.toString()).toBe(`answer ${n}`)
      await worker.settled()
      await worker.evict()
    }
    const names = Array.from({ length: 200 }, (_, n) => [`background ${n}`, `child ${n}`, 'GET']).flat()
    expect(receiver.spans.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
    expect(named(receiver.spans, 'GET').every(({ attributes }) => attributes['faas.coldstart'])).toBe(true)
    expect(orderOf(journal)).toEqual(
      Array.from({ length: 200 }, () => ['response-last-byte', 'otlp-first-byte', 'otlp-answered', 'evicted']).flat(),
    )
  })

  test('the client has its last byte before the collector answers', async () => {
    const { worker, journal } = await deploy({ receiver: { delayMs: 100 } })
    for (let n = 0; n < 5; n++) {
      await worker.request(`/background?n=${n}`)
      await worker.settled()
    }
    expect(orderOf(journal)).toEqual(
      Array.from({ length: 5 }, () => ['response-last-byte', 'otlp-first-byte', 'otlp-answered']).flat(),
    )
  })

  test('100 at once in one isolate: every trace is complete and unmixed', async () => {
    const { worker, receiver } = await deploy()
    await Promise.all(Array.from({ length: 100 }, (_, n) => worker.fetch(`/mixed?n=${n}`).then((r) => r.text())))
    await worker.settled()
    const traces = receiver.traces()
    expect(traces).toHaveLength(100)
    const seen = traces.map(({ roots }) => {
      expect(roots).toHaveLength(1)
      const [{ name, children }] = roots as [(typeof roots)[number]]
      expect(name).toBe('GET')
      const [outer, after] = children.toSorted((a, b) => (a.name < b.name ? 1 : -1))
      const n = outer!.name.slice('outer '.length)
      expect(children.map((c) => c.name).toSorted()).toEqual([`after ${n}`, `outer ${n}`])
      expect(outer!.children.map((c) => c.name)).toEqual([`inner ${n}`])
      expect(after!.children).toEqual([])
      return Number(n)
    })
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n))
  })
})

test('without flags: the Worker starts, its root arrives, and what it starts before an await has its parent', async () => {
  const { worker, receiver } = await deploy({ compatibilityFlags: [] })
  expect(await (await worker.fetch('/background?n=1')).text()).toBe('answer 1')
  await worker.settled()
  const [root] = named(receiver.spans, 'GET')
  expect(named(receiver.spans, 'child 1')[0]).toMatchObject({ parentSpanId: root!.spanId })
  expect(named(receiver.spans, 'background 1')).toHaveLength(1)
})
