/** Workers in the service-worker format, in real workerd: they export nothing, and listen. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { repository, type Build } from './bundlers/build.ts'
import { tier1 } from './bundlers/index.ts'
import { buildSilently } from './bundlers/silent-build.ts'
import { startReceiver } from './harness/otlp-receiver.ts'
import { startWorkerd, type WorkerdHost } from './harness/workerd-host.ts'
import { runWrangler } from './harness/wrangler.ts'
import { ran, ranRow } from './ran.ts'

const compatibility = { compatibility_date: '2026-07-01', compatibility_flags: ['nodejs_als'] }
/** What a build is made of → its folder. */
const scripts: Record<string, Promise<string>> = {}
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const ENTRY = `
import { trace } from '@opentelemetry/api'
import './scheduled.js'

const tracer = trace.getTracer('app')
const encode = (text) => new TextEncoder().encode(text)
const streamed = () => {
  const chunks = ['a', 'b', 'c']
  return new ReadableStream({
    async pull(controller) {
      await scheduler.wait(40)
      if (chunks.length === 0) return controller.close()
      controller.enqueue(encode('data: ' + chunks.shift() + '\\n\\n'))
    },
  })
}
const routes = {
  '/sync': () => new Response('sync ' + GREETING),
  '/async': async (event) => {
    tracer.startSpan('before').end()
    await scheduler.wait(1)
    event.waitUntil(scheduler.wait(60).then(() => tracer.startSpan('background').end()))
    return Response.json({ hello: GREETING }, { status: 201 })
  },
  '/stream': () => new Response(streamed(), { headers: { 'content-type': 'text/event-stream' } }),
  '/fails': async () => { throw new TypeError('refused') },
  '/unavailable': () => new Response('no', { status: 503 }),
}

function never(event) {
  event.respondWith(new Response('was removed'))
}
addEventListener('fetch', never)
self.removeEventListener('fetch', never)

// Asked first, and does not answer but for one.
addEventListener('fetch', function (event) {
  const { pathname } = new URL(event.request.url)
  if (pathname === '/throws') throw new RangeError('at once')
  if (pathname === '/first') event.respondWith(new Response(String(this === globalThis)))
}, { once: false })

const handler = {
  prefix: '/',
  handleEvent(event) {
    const { pathname } = new URL(event.request.url)
    if (pathname.startsWith(this.prefix) && routes[pathname]) event.respondWith(routes[pathname](event))
  },
}
self.addEventListener('fetch', handler)
self.addEventListener('fetch', (event) => {
  if (new URL(event.request.url).pathname === '/last') event.respondWith(new Response(addEventListener.name + addEventListener.length))
})
addEventListener('unhandledrejection', (event) => console.log('unhandled', String(event.reason)))
`

const SCHEDULED = `
import { trace } from '@opentelemetry/api'
addEventListener('scheduled', (event) => {
  event.waitUntil((async () => {
    await scheduler.wait(40)
    trace.getTracer('app').startSpan('tidied').end()
    if (event.cron === '1 1 * * *') throw new TypeError('untidy')
  })())
})
addEventListener('queue', (event) => {
  for (const message of event.messages) message.ack()
})
`

/** Bundles the script, and lets Wrangler find out by itself what it is. */
async function buildScript(bundler: string, otel: Build['otel']): Promise<string> {
  mkdirSync(path.join(repository, '.cache'), { recursive: true })
  const root = mkdtempSync(path.join(repository, '.cache/script-'))
  folders.push(root)
  writeFileSync(path.join(root, 'index.js'), ENTRY)
  writeFileSync(path.join(root, 'scheduled.js'), SCHEDULED)
  writeFileSync(path.join(root, 'package.json'), '{ "type": "module" }')
  writeFileSync(path.join(root, 'wrangler.json'), JSON.stringify({ main: 'index.js', ...compatibility }))
  const outdir = path.join(root, 'built')
  const entries = { index: path.join(root, 'index.js') }
  await buildSilently(tier1[bundler]!, { root, entries, outdir, format: 'esm', bundled: true, otel })
  const worker = path.join(root, 'worker')
  const args = ['deploy', path.join(outdir, 'index.mjs'), '--dry-run', '--name', 'script', '--outdir', worker]
  await runWrangler(root, args)
  return worker
}

async function deployScript(bundler: string, otel: Build['otel'] = {}, vars: Record<string, string> = {}) {
  const key = `${bundler} ${JSON.stringify(otel)}`
  const source = await (scripts[key] ??= buildScript(bundler, otel))
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const workerd = await startWorkerd({
    source,
    isScript: true,
    compatibilityFlags: compatibility.compatibility_flags,
    queueConsumers: ['orders'],
    vars: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'script', GREETING: 'you', ...vars },
  })
  onTestFinished(() => workerd.stop())
  if (otel) ran(bundler, 'service workers')
  return { receiver, workerd }
}

const ROUTES = ['/sync', '/async', '/stream', '/fails', '/throws', '/unavailable', '/first', '/last']

async function answers(workerd: WorkerdHost) {
  const seen = []
  for (const route of ROUTES) {
    const { status, headers, text } = await workerd.request(route)
    const { date: _date, ...rest } = headers
    // Of an error, miniflare shows where it was thrown.
    seen.push({ route, status, ...(status !== 500 && { headers: rest, text }) })
    await workerd.settled()
  }
  return seen
}

test.each(Object.keys(tier1))('%s: each event is an invocation, and nothing else changes', async (bundler) => {
  const { receiver, workerd } = await deployScript(bundler)
  const answered = await answers(workerd)
  expect(answered.map(({ status, text }) => [status, text])).toEqual([
    [200, 'sync you'],
    [201, '{"hello":"you"}'],
    [200, 'data: a\n\ndata: b\n\ndata: c\n\n'],
    [500, undefined],
    [500, undefined],
    [503, 'no'],
    [200, 'true'],
    [200, 'addEventListener0'],
  ])

  const roots = receiver.spans.filter(({ kind }) => kind === 2)
  expect(
    roots.map(({ attributes, status }) => [
      attributes['url.path'],
      attributes['http.response.status_code'] ?? attributes['error.type'],
      status.code,
    ]),
  ).toEqual([
    ['/sync', 200, 0],
    ['/async', 201, 0],
    ['/stream', 200, 0],
    ['/fails', 'TypeError', 2],
    ['/throws', 'RangeError', 2],
    ['/unavailable', 503, 2],
    ['/first', 200, 0],
    ['/last', 200, 0],
  ])
  expect(roots[0]).toMatchObject({
    name: 'GET',
    resource: { 'service.name': 'script', 'cloud.platform': 'cloudflare.workers' },
    attributes: { 'code.function.name': 'fetch', 'faas.coldstart': true },
  })
  const [, asynchronous, streamed] = roots
  // One request an invocation: also the work in the background was waited for.
  const [, sent] = receiver.requests
  expect(sent!.spans.map(({ name }) => name).toSorted()).toEqual(['GET', 'background', 'before'])
  expect(sent!.spans.find(({ name }) => name === 'before')!.parentSpanId).toBe(asynchronous!.spanId)
  expect(streamed!.endMs - streamed!.startMs).toBeGreaterThanOrEqual(75)
  expect(receiver.requests).toHaveLength(ROUTES.length)
  expect(workerd.console.filter(({ message }) => /unhandled|unplugin-otel/.test(message))).toEqual([])
  ranRow(bundler, 58)
  if (bundler !== 'esbuild') return
  const control = await deployScript(bundler, false)
  expect(answered).toEqual(await answers(control.workerd))
})

test('scheduled and queue: what is given to `waitUntil` is the handling', async () => {
  const { receiver, workerd } = await deployScript('esbuild')
  expect((await workerd.scheduled('0 0 * * *')).outcome).toBe('ok')
  await workerd.settled()
  expect((await workerd.scheduled('1 1 * * *')).outcome).toBe('exception')
  await workerd.settled()
  expect((await workerd.queue('orders', [{ id: 1 }])).outcome).toBe('ok')
  await workerd.settled()
  const roots = receiver.spans.filter(({ kind }) => kind === 2)
  expect(roots).toMatchObject([
    { name: 'scheduled', status: { code: 0 }, attributes: { 'faas.cron': '0 0 * * *', 'faas.trigger': 'timer' } },
    { name: 'scheduled', status: { code: 2, message: 'untidy' }, attributes: { 'error.type': 'TypeError' } },
    { name: 'process orders', attributes: { 'faas.trigger': 'pubsub', 'messaging.system.name': 'cloudflare_queues' } },
  ])
  for (const { startMs, endMs } of roots.slice(0, 2)) expect(endMs - startMs).toBeGreaterThanOrEqual(38)
  expect(receiver.spans.filter(({ name }) => name === 'tidied')).toHaveLength(2)
})

test('no endpoint: off, and the Worker is as it was', async () => {
  const { receiver, workerd } = await deployScript('esbuild', {}, { OTEL_EXPORTER_OTLP_ENDPOINT: '' })
  expect((await workerd.request('/sync')).text).toBe('sync you')
  await workerd.settled()
  expect(receiver.requests).toHaveLength(0)
})
