/** Firebase: what is given to the SDK's triggers is wrapped, they stay what the SDK made, and Google's framework runs them. */
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import type { Options } from 'unplugin-otel/rollup'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tier1, tier2, type Build } from './bundlers/index.ts'
import { buildSilently } from './bundlers/silent-build.ts'
import { createGoogleProject, startFunction } from './harness/google-function.ts'
import { startReceiver } from './harness/otlp-receiver.ts'
import { ranRow } from './ran.ts'

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const CONFIG = { FIREBASE_CONFIG: '{"projectId":"demo-orders"}', GCLOUD_PROJECT: 'demo-orders' }

const WORK = `
import { trace } from '@opentelemetry/api'
export const work = (name) => trace.getTracer('app').startSpan(name).end()`

const SECOND = {
  'src/index.mjs': `
import { onRequest, onCall, HttpsError } from 'firebase-functions/v2/https'
import * as functions from 'firebase-functions'
import { onSchedule } from 'firebase-functions/scheduler'
import { onDocumentCreated } from 'firebase-functions/firestore'
import { onTaskDispatched } from 'firebase-functions/tasks'
import { work } from './work.mjs'
export * as orders from './orders.mjs'
functions.setGlobalOptions({ maxInstances: 7 })
export const api = onRequest({ region: 'europe-west1' }, async (request, response) => { work('work'); response.status(202).json({ ok: true }) })
export const throws = onRequest(() => { throw new TypeError('no such order') })
export const call = onCall({ memory: '512MiB' }, async (request) => { work('work'); return request.data.id })
export const refuses = onCall(() => { throw new HttpsError('not-found', 'no such order') })
export const fails = onCall(() => { throw new HttpsError('internal', 'no such table') })
export const nightly = onSchedule('every day 00:00', async (event) => { work(event.jobName) })
export const created = onDocumentCreated('orders/{id}', (event) => work(event.params.id))
export const task = onTaskDispatched((request) => work(request.data.id))
export const isSame = functions.https.onRequest === functions.https.onRequest && typeof functions.logger.info === 'function'`,
  'src/orders.mjs': `
import * as functions from 'firebase-functions/v2'
import { work } from './work.mjs'
export const placed = functions.pubsub.onMessagePublished('orders', async (event) => { work(event.data.message.messageId) })
export const api = functions.https.onRequest((request, response) => { work('work'); response.send('grouped') })`,
  'src/work.mjs': WORK,
}

const FIRST = {
  'src/index.cjs': `'use strict'
const functions = require('firebase-functions/v1')
const { trace } = require('@opentelemetry/api')
const work = (name) => trace.getTracer('app').startSpan(name).end()
exports.api = functions.region('europe-west1').runWith({ memory: '512MB' }).https.onRequest((request, response) => {
  work('work')
  response.status(202).json({ ok: true })
})
exports.orders = {
  api: functions.https.onRequest((request, response) => { work('work'); response.send('grouped') }),
  call: functions.region('europe-west1').https.onCall(async (data, context) => { work('work'); return data.id }),
}
exports.nightly = functions.pubsub.schedule('every 5 minutes').timeZone('UTC').onRun(async (context) => { work(context.eventId) })
exports.created = functions.firestore.document('orders/{id}').onCreate(async (snapshot, context) => { work(context.params.id) })
exports.placed = functions.pubsub.topic('orders').onPublish(async (message) => { work('work') })
exports.stored = functions.storage.bucket('uploads').object().onFinalize(async (object) => { work(object.name) })`,
}

const HTTPS = {
  'src/index.cjs': `'use strict'
const { onRequest } = require('firebase-functions/https')
const { setGlobalOptions } = require('firebase-functions/options')
const { trace } = require('@opentelemetry/api')
setGlobalOptions({ maxInstances: 7 })
exports.api = onRequest((request, response) => {
  trace.getTracer('app').startSpan('work').end()
  response.status(202).json({ ok: true })
})`,
}

const bundlers = { ...tier1, ...tier2 }

interface Given extends Partial<Pick<Build, 'format' | 'bundled'>> {
  readonly bundler?: string
  readonly files?: Readonly<Record<string, string>>
  readonly otel?: Options | false
}

async function build({ bundler = 'esbuild', files = SECOND, format = 'esm', bundled = false, otel = {} }: Given) {
  const root = createGoogleProject(files, ['firebase-functions'])
  const outdir = path.join(root, 'dist')
  const entries = { index: path.join(root, Object.keys(files)[0]!) }
  const built = await buildSilently(bundlers[bundler]!, { root, entries, outdir, format, bundled, otel })
  return { file: built.output(), said: built.said }
}

async function call(file: string, target: string, path = '/', request: RequestInit = {}, signature?: string) {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const env = { ...CONFIG, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, FUNCTION_TARGET: target }
  const server = await startFunction(file, target, env, signature)
  const answer = await fetch(server.url + path, request)
  const body = await answer.text()
  const before = receiver.spans.length
  expect(await server.stop()).toBe(0)
  // Nothing was left for the end.
  expect(receiver.spans).toHaveLength(before)
  return { status: answer.status, body, names: receiver.spans.map(({ name }) => name), root: receiver.spans.at(-1) }
}

/** All that the CLI reads of a module: https://github.com/firebase/firebase-functions/blob/master/src/runtime/loader.ts */
function describeModule(file: string): unknown {
  const script = `
const describe = (value) => {
  if (typeof value === 'function') {
    const { name, length, __endpoint, __trigger, __requiredAPIs } = value
    return { name, length, run: typeof value.run, keys: Object.getOwnPropertyNames(value).sort(), __endpoint, __trigger, __requiredAPIs }
  }
  return typeof value === 'object' && value ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, describe(value[key])])) : value
}
const module = await import(process.argv[1])
process.stdout.write(JSON.stringify(describe(Object.hasOwn(module, 'module.exports') ? module['module.exports'] : { ...module })))`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, file], {
    env: { PATH: process.env['PATH'], ...CONFIG },
    encoding: 'utf8',
  })
  return JSON.parse(output)
}

const REPORT = /wrapped {2}src\/index\.\w+:1:1 firebase-functions \(onRequest, onCall, onEvent\)/

/** What it is without the plugin: of what is external, whichever bundler builds it. */
const bare = new Map<object, Promise<unknown>>()
function describeBare(given: Given & { readonly files: Readonly<Record<string, string>> }): Promise<unknown> {
  const { files, bundler, bundled } = given
  let described = bundled ? undefined : bare.get(files)
  if (!described) {
    described = build({ ...given, bundler: bundled ? bundler! : 'esbuild', otel: false }).then(({ file }) =>
      describeModule(file),
    )
    if (!bundled) bare.set(files, described)
  }
  return described
}

async function expectTraced(given: Given & { readonly files: Readonly<Record<string, string>> }): Promise<void> {
  const { file, said } = await build(given)
  // As the tests call it, esbuild is silent.
  if (given.bundler !== 'esbuild') expect(said).toMatch(REPORT)
  expect(describeModule(file)).toEqual(await describeBare(given))
  const { status, body, names, root } = await call(file, 'api', '/orders', { headers: { traceparent: PARENT } })
  expect([status, body, names]).toEqual([202, '{"ok":true}', ['work', 'GET']])
  expect(root).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    parentSpanId: 'b7ad6b7169203331',
    kind: 2,
    attributes: { 'faas.trigger': 'http', 'http.response.status_code': 202, 'url.path': '/orders' },
  })
}

describe('as the SDK made it, and traced', () => {
  test.each(Object.keys(tier1))('%s: esm, external', async (bundler) => {
    await expectTraced({ bundler, format: 'esm', files: SECOND })
    ranRow(bundler, 60)
  })

  test.each(['esbuild', 'rollup'])('%s: cjs, external, first generation', async (bundler) => {
    await expectTraced({ bundler, format: 'cjs', files: FIRST })
  })

  test.runIf('bun' in tier2)('bun: what it would break in ES modules is left alone, and said', async () => {
    const { file, said } = await build({ bundler: 'bun', format: 'esm', files: SECOND })
    expect(said).toMatch(
      /nothing is wrapped: firebase-functions\S* is external, and Bun cannot wrap that in ES modules\nSet format to 'cjs'\.\nUO118 /,
    )
    expect(await call(file, 'api')).toMatchObject({ status: 202, names: [] })
  })

  // Rollup takes a minute for it, without us, too.
  test.each(['esbuild', 'vite', 'webpack'])('%s: cjs, bundled', async (bundler) => {
    await expectTraced({ bundler, format: 'cjs', bundled: true, files: HTTPS })
  })
})

describe('triggers', () => {
  const json = { 'content-type': 'application/json' }
  const post = (body: unknown, headers = {}) => ({
    method: 'POST',
    headers: { ...json, ...headers },
    body: JSON.stringify(body),
  })
  const cloudEvent = (type: string, source: string, data: unknown, more = {}) =>
    post(data, { 'ce-id': 'e-1', 'ce-source': source, 'ce-type': type, 'ce-specversion': '1.0', ...more })
  const run = async (generation: 1 | 2, ...args: [string, string?, RequestInit?, string?]) => {
    const { file } = await build(generation === 2 ? {} : { files: FIRST, format: 'cjs' })
    return call(file, ...args)
  }

  test('onRequest in a group', async () => {
    expect(await run(2, 'orders.api')).toMatchObject({ body: 'grouped', names: ['work', 'GET'] })
    expect(await run(1, 'orders.api')).toMatchObject({ body: 'grouped', names: ['work', 'GET'] })
  })

  test.each([
    [2, 'call', 200, '{"result":7}', { 'http.response.status_code': 200 }],
    [1, 'orders.call', 200, '{"result":7}', { 'http.response.status_code': 200 }],
    [2, 'refuses', 404, 'no such order', { 'http.response.status_code': 404 }],
    [2, 'fails', 500, 'no such table', { 'error.type': 'internal', 'http.response.status_code': 500 }],
  ] as const)('onCall, generation %d: %s', async (generation, target, status, body, attributes) => {
    const answer = await run(generation, target, '/', post({ data: { id: 7 } }, { traceparent: PARENT }))
    expect(answer).toMatchObject({ status, body: expect.stringContaining(body) })
    expect(answer.root).toMatchObject({ name: 'POST', parentSpanId: 'b7ad6b7169203331', attributes })
    expect(answer.root!.status.code).toBe(status === 500 ? 2 : 0)
  })

  const message = { messageId: 'm-1', attributes: { traceparent: PARENT }, data: 'e30=' }
  const topic = '//pubsub.googleapis.com/projects/demo-orders/topics/orders'
  const written = 'google.cloud.firestore.document.v1.created'
  const database = '//firestore.googleapis.com/projects/demo-orders/databases/(default)'
  const document = { value: { name: 'projects/demo-orders/databases/(default)/documents/orders/7', fields: {} } }

  test('onMessagePublished', async () => {
    const event = cloudEvent('google.cloud.pubsub.topic.v1.messagePublished', topic, { message })
    const { names, root } = await run(2, 'orders.placed', '/', event, 'cloudevent')
    expect(names).toEqual(['m-1', 'process orders'])
    expect(root).toMatchObject({ parentSpanId: 'b7ad6b7169203331', kind: 5, attributes: { 'faas.trigger': 'pubsub' } })
  })

  test('onDocumentCreated', async () => {
    const event = {
      id: 'e-1',
      specversion: '1.0',
      type: written,
      source: database,
      datacontenttype: 'application/json',
      subject: 'documents/orders/7',
      document: 'orders/7',
      data: document,
    }
    const headers = { 'content-type': 'application/cloudevents+json', traceparent: PARENT }
    const { names, root } = await run(2, 'created', '/', post(event, headers), 'cloudevent')
    expect(names).toEqual(['7', 'created'])
    expect(root).toMatchObject({
      parentSpanId: 'b7ad6b7169203331',
      attributes: {
        'faas.trigger': 'datasource',
        'faas.document.collection': 'orders',
        'faas.document.operation': 'insert',
      },
    })
  })

  test('onSchedule and onTaskDispatched', async () => {
    const job = await run(2, 'nightly', '/', post({}, { 'x-cloudscheduler-jobname': 'nightly-job' }))
    expect(job).toMatchObject({
      status: 200,
      names: ['nightly-job', 'nightly'],
      root: { attributes: { 'faas.trigger': 'timer' } },
    })
    // Only its form is looked at: the platform has checked it.
    const authorization = `Bearer ${btoa('{"alg":"none"}')}.${btoa('{"sub":"tasks"}')}.none`
    const headers = {
      authorization,
      'x-cloudtasks-queuename': 'mail',
      'x-cloudtasks-taskname': 't-1',
      traceparent: PARENT,
    }
    const task = await run(2, 'task', '/', post({ data: { id: 't' } }, headers))
    expect(task).toMatchObject({
      status: 204,
      names: ['t', 'process mail'],
      root: { parentSpanId: 'b7ad6b7169203331' },
    })
  })

  test.each([
    ['nightly', 'google.pubsub.topic.publish', 'projects/demo-orders/topics/t', {}, ['e-1', 'nightly'], 'timer'],
    [
      'placed',
      'google.pubsub.topic.publish',
      'projects/demo-orders/topics/orders',
      message,
      ['work', 'process orders'],
      'pubsub',
    ],
    [
      'stored',
      'google.storage.object.finalize',
      'projects/_/buckets/uploads/objects/o',
      { bucket: 'uploads', name: 'o' },
      ['o', 'stored'],
      'datasource',
    ],
    ['created', 'google.firestore.document.create', document.value.name, document, ['7', 'created'], 'datasource'],
  ] as const)('first generation: %s', async (target, eventType, resource, data, spans, trigger) => {
    const context = { eventId: 'e-1', eventType, resource: { name: resource }, params: { id: '7' } }
    const { names, root } = await run(1, target, '/', post({ data, context }), 'event')
    expect(names).toEqual(spans)
    expect(root!.attributes['faas.trigger']).toBe(trigger)
  })

  test('what is thrown', async () => {
    const { status, root } = await run(2, 'throws')
    expect(status).toBe(500)
    expect(root).toMatchObject({
      attributes: { 'error.type': 'TypeError', 'http.response.status_code': 500 },
      status: { code: 2 },
    })
  })
})
