/** Functions of Cloudflare Pages, bundled before Wrangler routes them, in real workerd. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { repository, type Build } from './bundlers/build.ts'
import { tier1 } from './bundlers/index.ts'
import { buildSilently } from './bundlers/silent-build.ts'
import { startReceiver } from './harness/otlp-receiver.ts'
import { startWorkerd, type WorkerdHost } from './harness/workerd-host.ts'
import { runWrangler } from './harness/wrangler.ts'
import { ran } from './ran.ts'

const compatibility = { compatibility_date: '2026-07-01', compatibility_flags: ['nodejs_als'] }

const FILES: Readonly<Record<string, string>> = {
  _middleware: `
    import { trace } from '@opentelemetry/api'
    const timed = async ({ next }) => {
      const span = trace.getTracer('app').startSpan('timed')
      return next().finally(() => span.end())
    }
    async function named({ next, data }) {
      data.user = 'me'
      const response = await next()
      response.headers.set('x-named', 'yes')
      return response
    }
    export const onRequest = [timed, named]`,
  'users/[id]': `
    import { trace } from '@opentelemetry/api'
    export async function onRequestGet({ params, data, waitUntil }) {
      trace.getTracer('app').startSpan('read').end()
      waitUntil((async () => {
        await scheduler.wait(50)
        trace.getTracer('app').startSpan('background').end()
      })())
      return Response.json({ ...params, ...data })
    }
    export const onRequestDelete = () => { throw new TypeError('refused') }`,
  stream: `
    export const onRequest = ({ env }) => {
      const chunks = ['a', 'b', 'c']
      const body = new ReadableStream({
        async pull(controller) {
          await scheduler.wait(40)
          if (chunks.length === 0) return controller.close()
          controller.enqueue(new TextEncoder().encode('data: ' + chunks.shift() + env.LETTER + '\\n\\n'))
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    }`,
}

/** Bundles the functions, lets Wrangler make a Worker of them, and runs it. */
async function deployPages(bundler: string, otel: Build['otel'] = {}) {
  mkdirSync(path.join(repository, '.cache'), { recursive: true })
  const root = mkdtempSync(path.join(repository, '.cache/pages-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const entries: Record<string, string> = {}
  for (const [name, code] of Object.entries(FILES)) {
    // In the names of outputs bundlers have brackets of their own.
    const file = (entries[name.replace('[id]', 'id')] = path.join(root, 'functions', `${name}.js`))
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, code)
  }
  writeFileSync(path.join(root, 'package.json'), '{ "type": "module" }')
  writeFileSync(path.join(root, 'wrangler.json'), JSON.stringify({ pages_build_output_dir: 'site', ...compatibility }))
  const outdir = path.join(root, 'built/functions')
  await buildSilently(tier1[bundler]!, { root, entries, outdir, format: 'esm', otel })
  renameSync(path.join(outdir, 'users/id.mjs'), path.join(outdir, 'users/[id].mjs'))
  const worker = path.join(root, 'worker')
  const args = ['pages', 'functions', 'build', outdir, '--outdir', worker, '--project-directory', root]
  await runWrangler(root, args)

  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const workerd = await startWorkerd({
    source: worker,
    compatibilityFlags: compatibility.compatibility_flags,
    vars: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, LETTER: '!' },
    services: { ASSETS: 'assets' },
    workers: { assets: { source: "export default {\n fetch: () => new Response('an asset') }" } },
  })
  onTestFinished(() => workerd.stop())
  if (otel) ran(bundler, 'Pages')
  return { receiver, workerd }
}

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const requests: readonly [path: string, init?: Parameters<WorkerdHost['request']>[1]][] = [
  ['/users/7?token=secret', { headers: { traceparent: `00-${TRACE}-b7ad6b7169203331-01` } }],
  ['/users/7', { method: 'DELETE' }],
  ['/stream'],
  ['/logo.svg'],
]

async function answers(workerd: WorkerdHost) {
  const seen = []
  for (const [route, init] of requests) {
    const { status, headers, text } = await workerd.request(route, init)
    const { date: _date, ...rest } = headers
    // Of an error, miniflare shows where it was thrown.
    seen.push({ route, status, headers: status === 500 ? undefined : rest, text: status === 500 ? undefined : text })
    await workerd.settled()
  }
  return seen
}

test.each(Object.keys(tier1))('%s: middleware and handler are one root, and nothing else changes', async (bundler) => {
  const { receiver, workerd } = await deployPages(bundler)
  const answered = await answers(workerd)
  expect(answered).toMatchObject([
    { status: 200, text: '{"id":"7","user":"me"}', headers: { 'x-named': 'yes' } },
    { status: 500 },
    { status: 200, text: 'data: a!\n\ndata: b!\n\ndata: c!\n\n' },
    { status: 200, text: 'an asset', headers: { 'x-named': 'yes' } },
  ])

  const roots = receiver.spans.filter(({ kind }) => kind === 2)
  expect(roots.map(({ name, attributes }) => [name, attributes['http.route']])).toEqual([
    ['GET /users/:id', '/users/:id'],
    ['DELETE /users/:id', '/users/:id'],
    ['GET /stream', '/stream'],
    ['GET', undefined],
  ])
  expect(roots[0]).toMatchObject({
    traceId: TRACE,
    parentSpanId: 'b7ad6b7169203331',
    attributes: {
      'http.response.status_code': 200,
      'url.path': '/users/7',
      'url.query': 'token=',
      'code.file.path': 'functions/_middleware.js',
      'faas.coldstart': true,
    },
  })
  expect(roots[1]).toMatchObject({ status: { code: 2, message: 'refused' }, attributes: { 'error.type': 'TypeError' } })
  expect(roots[2]!.endMs - roots[2]!.startMs).toBeGreaterThanOrEqual(75)
  const children = receiver.spans.filter(({ parentSpanId }) => parentSpanId === roots[0]!.spanId)
  expect(children.map(({ name }) => name).toSorted()).toEqual(['background', 'read', 'timed'])
  for (const { attributes } of receiver.spans) expect(attributes).not.toHaveProperty('unplugin_otel.end_reason')
  // One request an invocation: also the work in the background was waited for.
  expect(receiver.requests.filter(({ spans }) => spans.length > 0)).toHaveLength(4)
  expect(workerd.invocations.filter(({ worker }) => worker === 'main').map(({ outcome }) => outcome)).toEqual([
    'ok',
    'exception',
    'ok',
    'ok',
  ])

  if (bundler !== 'esbuild') return
  const control = await deployPages(bundler, false)
  expect(answered).toEqual(await answers(control.workerd))
})
