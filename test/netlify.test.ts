/** What Netlify's own tools make of the output: what they read in it, and that it runs as they pack it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build as esbuild } from 'esbuild'
import otel from 'unplugin-otel/esbuild'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { tier1 } from './bundlers/index.ts'
import { startLambda } from './harness/lambda-host.ts'
import { startReceiver } from './harness/otlp-receiver.ts'
import { isBuilt } from './tiers/left-out.ts'
import { createProjects } from './tiers/project.ts'
import { build } from './tiers/run.ts'

const project = path.resolve(import.meta.dirname, 'projects/netlify')
const zisi = path.join(project, 'node_modules/@netlify/zip-it-and-ship-it/dist')
// Types are checked before the project is installed.
// oxlint-disable-next-line typescript/no-explicit-any
const load = (file: string): Promise<any> => import(pathToFileURL(path.join(zisi, file)).href)

const projects = createProjects().filter(({ platform }) => platform === 'netlify')

/** All that is read in each output, or what its author would be told. */
async function readAll(bundler: string, isWrapped: boolean): Promise<Record<string, unknown>> {
  const { parseSource } = await load('runtimes/node/in_source_config/index.js')
  const found: Record<string, unknown> = {}
  for (const each of projects) {
    const files = each.files.filter((file) => isBuilt(bundler, file))
    const { outputs } = await build({ ...each, files, bundler: tier1[bundler]!, isWrapped })
    for (const [file, output] of Object.entries(outputs)) {
      try {
        found[file] = parseSource(readFileSync(output, 'utf8'), { functionName: 'name' })
      } catch (error) {
        found[file] = String(error)
      }
    }
  }
  return found
}

describe.each(Object.keys(tier1))('%s', (bundler) => {
  test('routes, schedules and event subscriptions are read as without the plugin', async () => {
    const wrapped = await readAll(bundler, true)
    expect(wrapped).toEqual(await readAll(bundler, false))
    expect(wrapped).toMatchObject({
      'object-method.ts': {
        runtimeAPIVersion: 2,
        eventSubscriptions: ['fetch', 'deploy_succeeded', 'submission_created'],
        routes: [{ pattern: '/greet' }],
      },
      'object-specifier.ts': { eventSubscriptions: ['fetch', 'deploy_failed'], routes: [{ pattern: '/specifier' }] },
      'object-shorthand.ts': { config: { schedule: '@daily' } },
      'function-default.ts': { runtimeAPIVersion: 2, routes: [{ pattern: '/orders' }, { pattern: '/orders/:id' }] },
      'schedule-local.ts': { runtimeAPIVersion: 1, config: { schedule: '*/5 * * * *' } },
      'stream.ts': { runtimeAPIVersion: 1, invocationMode: 'stream' },
    })
  })
})

function createFolder(): string {
  const cache = path.resolve(import.meta.dirname, '../.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(path.join(cache, 'netlify-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const SOURCES = {
  orders: `
    import { trace } from '@opentelemetry/api'
    const later = () => new Promise((resolve) => setTimeout(resolve, 50))
    export default {
      async fetch(request: Request, context: any) {
        context.waitUntil(later().then(() => trace.getTracer('app').startSpan('later').end()))
        return new Response(request.method, { status: 201 })
      },
      deploySucceeded() {},
      config: { path: '/orders/:id', method: 'POST' },
    }`,
  daily: `
    import { schedule } from '@netlify/functions'
    export const handler = schedule('@daily', async (event: { body: string }) => ({ statusCode: 200, body: event.body }))`,
  chat: `
    import { stream } from '@netlify/functions'
    export const handler = stream(async () => ({
      statusCode: 200, body: ReadableStream.from(['one ', 'two']).pipeThrough(new TextEncoderStream())
    }))`,
}

type Entry = Record<string, unknown>

/** Bundled by the user, then packed by Netlify. */
async function pack(isWrapped: boolean): Promise<{ folder: string; manifest: unknown[] }> {
  const folder = createFolder()
  // On Lambda nothing above says that all of it is ES modules.
  writeFileSync(path.join(folder, 'package.json'), '{}')
  const sources = path.join(folder, 'src')
  mkdirSync(sources)
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(path.join(sources, `${name}.ts`), text)
  await esbuild({
    absWorkingDir: folder,
    entryPoints: Object.keys(SOURCES).map((name) => `src/${name}.ts`),
    outdir: path.join(project, '.cache', path.basename(folder)),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@netlify/functions'],
    logLevel: 'error',
    plugins: isWrapped ? [otel({ enabled: true, report: false, platform: 'netlify' })] : [],
  })
  const built = path.join(project, '.cache', path.basename(folder))
  onTestFinished(() => rmSync(built, { recursive: true, force: true }))
  const { zipFunctions } = await load('main.js')
  const manifest = path.join(folder, 'manifest.json')
  await zipFunctions(built, path.join(folder, 'packed'), { archiveFormat: 'none', manifest, basePath: project })
  const { functions } = JSON.parse(readFileSync(manifest, 'utf8'))
  // The rest is where the files are.
  const read = ({ name, runtimeVersion, invocationMode, schedule, routes, eventSubscriptions, buildData }: Entry) => ({
    name,
    runtimeVersion,
    invocationMode,
    schedule,
    routes,
    eventSubscriptions,
    buildData,
  })
  return { folder: path.join(folder, 'packed'), manifest: functions.map(read) }
}

test('packed by zip-it-and-ship-it: the same manifest, and spans', async () => {
  const { folder, manifest } = await pack(true)
  expect(manifest).toEqual((await pack(false)).manifest)
  expect(JSON.stringify(manifest)).toContain('deploy_succeeded')
  const receiver = await startReceiver({ delayMs: 300 })
  onTestFinished(() => receiver.stop())
  const invoke = async (name: string, handler: string, event: object) => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, SITE_NAME: 'shop' }
    const lambda = await startLambda({ taskRoot: path.join(folder, name), handler, env })
    onTestFinished(() => lambda.stop())
    const headers = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' }
    const result = await lambda.invoke({
      httpMethod: 'POST',
      rawUrl: 'https://shop.netlify.app/orders/7?a=1',
      headers,
      flags: {},
      ...event,
    })
    const received = receiver.spans.length
    await result.finished
    return { ...result, received }
  }
  const orders = await invoke('orders', '___netlify-entry-point.handler', { route: '/orders/:id' })
  expect(orders).toMatchObject({ prelude: { statusCode: 201 }, received: 0 })
  expect(orders.body.toString()).toBe('POST')
  const scheduled = { headers: { 'x-nf-event': 'schedule' }, body: '{"next_run":"tomorrow"}' }
  const daily = await invoke('daily', 'daily.handler', scheduled)
  expect(daily.json()).toEqual({ statusCode: 200, body: scheduled.body })
  const chat = await invoke('chat', 'chat.handler', {})
  expect(chat.body.toString()).toBe('one two')

  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const root = receiver.spans.find(({ name }) => name === 'POST /orders/:id')
  expect(receiver.spans).toMatchObject([
    {
      name: 'POST /orders/:id',
      traceId,
      parentSpanId: '00f067aa0ba902b7',
      attributes: {
        'faas.trigger': 'http',
        'http.route': '/orders/:id',
        'http.response.status_code': 201,
        'url.path': '/orders/7',
        'url.query': 'a=',
        'server.address': 'shop.netlify.app',
        'code.function.name': 'default.fetch',
      },
      resource: { 'service.name': 'shop', 'cloud.provider': 'netlify', 'cloud.platform': 'netlify.functions' },
    },
    { name: 'later', traceId, parentSpanId: root?.spanId },
    { name: 'scheduled', attributes: { 'faas.trigger': 'timer' } },
    { name: 'POST', traceId, attributes: { 'faas.trigger': 'http', 'http.response.status_code': 200 } },
  ])
})

test('an edge function: no Node built-in but AsyncLocalStorage, variables from Netlify, waitUntil', async () => {
  const folder = createFolder()
  const entry = path.join(folder, 'netlify/edge-functions/hello.ts')
  mkdirSync(path.dirname(entry), { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), '{ "devDependencies": { "@netlify/edge-functions": "*" } }')
  writeFileSync(
    entry,
    'export default (request) => request.url.endsWith("/pass") ? undefined : new URL("/other", request.url)\n',
  )
  const { outputFiles, metafile } = await esbuild({
    absWorkingDir: folder,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['node:*'],
    plugins: [otel({ enabled: true, report: false })],
  })
  expect(Object.values(metafile.outputs)[0]!.imports).toMatchObject([{ path: 'node:async_hooks' }])
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  vi.stubGlobal('Netlify', { env: { toObject: () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }) } })
  onTestFinished(() => void vi.unstubAllGlobals())
  const output = path.join(folder, 'hello.mjs')
  writeFileSync(output, outputFiles[0]!.text)
  const { default: hello } = await import(pathToFileURL(output).href)
  const work: Promise<unknown>[] = []
  const waitUntil = (each: Promise<unknown>) => void work.push(each)
  const context = Object.freeze({ requestId: 'id', waitUntil })
  expect(hello(new Request('https://example.com/pass'), context)).toBeUndefined()
  const own = { requestId: 'id', waitUntil }
  expect(String(hello(new Request('https://example.com/'), own))).toBe('https://example.com/other')
  await Promise.all(work)
  expect(own.waitUntil).toBe(waitUntil)
  expect(receiver.spans).toMatchObject([
    { name: 'GET', attributes: { 'url.path': '/pass' }, resource: { 'cloud.platform': 'netlify.edge_functions' } },
    { name: 'GET', attributes: { 'url.path': '/' } },
  ])
})
