/** Google Cloud Functions: what is registered with the Functions Framework is wrapped, and run by that very framework. */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Options } from 'unplugin-otel/rollup'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { tier1, tier2, type Build } from './bundlers/index.ts'
import { buildSilently } from './bundlers/silent-build.ts'
import { createGoogleProject, startFunction } from './harness/google-function.ts'
import { startReceiver, type Receiver } from './harness/otlp-receiver.ts'
import { ranRow } from './ran.ts'

const FRAMEWORK = '@google-cloud/functions-framework'
const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

const bundlers = { ...tier1, ...tier2 }

interface Given extends Partial<Pick<Build, 'format' | 'bundled'>> {
  readonly bundler?: string
  /** Name of the entry, and of what it imports → source. */
  readonly files: Readonly<Record<string, string>>
  readonly otel?: Options | false
}

async function build({ bundler = 'esbuild', files, format = 'esm', bundled = false, otel = {} }: Given) {
  const root = createGoogleProject(files, [FRAMEWORK])
  const outdir = path.join(root, 'dist')
  const [entry] = Object.keys(files)
  const entries = { index: path.join(root, entry!) }
  const built = await buildSilently(bundlers[bundler]!, { root, entries, outdir, format, bundled, otel })
  return { file: built.output(), said: built.said }
}

async function receive(
  ...given: Parameters<typeof startReceiver>
): Promise<{ receiver: Receiver; env: Record<string, string> }> {
  const receiver = await startReceiver(...given)
  onTestFinished(() => receiver.stop())
  return { receiver, env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } }
}

const WORK = `
import { trace } from '@opentelemetry/api'
export const work = (name) => trace.getTracer('app').startActiveSpan('work', (span) => { span.end(); return 'hello ' + name })`

const SOURCES = {
  'named import': {
    'src/index.ts': `import './functions'`,
    'src/functions.ts': `import { http } from '${FRAMEWORK}'\nimport { work } from './work.mjs'
http('hello', async (request, response) => { response.status(201).send(work('you')) })`,
    'src/work.mjs': WORK,
  },
  'default import': {
    'src/index.mjs': `import functions from '${FRAMEWORK}'\nimport { work } from './work.mjs'
functions.http('hello', (request, response) => { response.status(201).send(work('you')) })`,
    'src/work.mjs': WORK,
  },
  namespace: {
    'src/index.ts': `import * as functions from '${FRAMEWORK}'\nimport { work } from './work.mjs'
functions.http('hello', (request, response) => { response.status(201).send(work('you')) })`,
    'src/work.mjs': WORK,
  },
  require: {
    'src/index.cjs': `'use strict'\nconst functions = require('${FRAMEWORK}')\nconst { trace } = require('@opentelemetry/api')
functions.http('hello', (request, response) => {
  trace.getTracer('app').startSpan('work').end()
  response.status(201).send('hello you')
})`,
  },
  'import =': {
    'src/index.ts': `import functions = require('${FRAMEWORK}')\nimport api = require('@opentelemetry/api')
functions.http('hello', (request: unknown, response: any) => {
  api.trace.getTracer('app').startSpan('work').end()
  response.status(201).send('hello you')
})`,
  },
} as const

/** A bundled framework is another one than that which serves: it is asked for the function. */
const BUNDLED = {
  'src/index.ts': `import { http } from '${FRAMEWORK}'\nimport { getFunction } from '${FRAMEWORK}/testing'
import { work } from './work.mjs'
http('hello', async (request, response) => { response.status(201).send(work('you')) })
export const hello = getFunction('hello')`,
  'src/work.mjs': WORK,
}

async function expectSpans(file: string): Promise<void> {
  const { receiver, env } = await receive()
  const server = await startFunction(file, 'hello', env)
  const answer = await fetch(`${server.url}/orders?key=secret`, { headers: { traceparent: PARENT } })
  expect([answer.status, await answer.text()]).toEqual([201, 'hello you'])
  // Before the answer was complete.
  expect(receiver.spans.map(({ name }) => name)).toEqual(['work', 'GET'])
  const [work, root] = receiver.spans
  expect(work!.parentSpanId).toBe(root!.spanId)
  expect(root).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    parentSpanId: 'b7ad6b7169203331',
    kind: 2,
    attributes: {
      'code.function.name': 'hello',
      'faas.coldstart': true,
      'faas.trigger': 'http',
      'http.request.method': 'GET',
      'http.response.status_code': 201,
      'server.address': '127.0.0.1',
      'url.path': '/orders',
      'url.query': 'key=',
    },
  })
  expect(await server.stop()).toBe(0)
}

const REPORT =
  /google-cloud-functions, node \(@google-cloud\/functions-framework in package\.json\)\n(?:<i> )? {2}wrapped {2}src\/index\.\w+:1:1 @google-cloud\/functions-framework \(onHttp, onCloudEvent\)/

describe.each(Object.keys(bundlers))('%s', (bundler) => {
  const builds = [['esm', 'named import'] as const, ...(bundler in tier1 ? [['cjs', 'require'] as const] : [])]

  test.each(builds)('%s, external, %s', async (format, style) => {
    const { file, said } = await build({ bundler, format, files: SOURCES[style] })
    // As the tests call it, esbuild is silent.
    if (bundler !== 'esbuild') expect(said).toMatch(REPORT)
    await expectSpans(file)
    ranRow(bundler, 61)
  })

  test.runIf(bundler in tier1)('cjs, bundled', async () => {
    await expectSpans((await build({ bundler, format: 'cjs', bundled: true, files: BUNDLED })).file)
  })
})

test('however it is imported, and several bundles in one process', async () => {
  const styles = Object.entries(SOURCES).map(([style, files], n) => ({ style, files, name: `hello${n}` }))
  const built = await Promise.all(
    styles.map(({ files, name }) => {
      const named = Object.entries(files).map(([file, text]) => [file, text.replace("'hello'", `'${name}'`)])
      return build({ files: Object.fromEntries(named), format: 'cjs' })
    }),
  )
  // One with another service name, and one that nobody instrumented.
  const own = { 'src/index.cjs': SOURCES.require['src/index.cjs'].replace("'hello'", "'own'") }
  const raw = { 'src/index.cjs': SOURCES.require['src/index.cjs'].replace("'hello'", "'raw'") }
  const others = await Promise.all([
    build({ files: own, format: 'cjs' }),
    build({ files: raw, format: 'cjs', otel: false }),
  ])
  const all = [...built, ...others].map(({ file }) => `require(${JSON.stringify(file)})`)
  const names = [...styles.map(({ name }) => name), 'own', 'raw']
  const folder = createGoogleProject(
    {
      'index.cjs': `${all.join('\n')}
const { getFunction, getTestServer } = require('${FRAMEWORK}/testing')
exports.all = async (request, response) => {
  const server = getTestServer(request.path.slice(1)).listen(0, async () => {
    const answer = await fetch('http://127.0.0.1:' + server.address().port)
    response.send([answer.status, await answer.text(), getFunction(request.path.slice(1)).length])
    server.close()
  })
}`,
    },
    [],
  )
  const { receiver, env } = await receive()
  const server = await startFunction(path.join(folder, 'index.cjs'), 'all', env)
  for (const name of names) {
    receiver.reset()
    const answer = await fetch(`${server.url}/${name}`)
    expect(await answer.json()).toEqual([201, 'hello you', 2])
    expect(receiver.spans.map((span) => span.attributes['code.function.name'] ?? span.name)).toEqual(
      name === 'raw' ? [] : ['work', name],
    )
  }
})

describe('what the framework expects of a handler, and what is recorded', () => {
  const source = `
import { cloudEvent, http } from '${FRAMEWORK}'
import { trace } from '@opentelemetry/api'
const work = (name) => trace.getTracer('app').startSpan(name).end()
http('throws', () => { work('work'); throw new TypeError('no such order') })
http('waits', (request, response) => { setTimeout(() => response.send('ok'), Number(request.query.ms)) })
http('streams', (request, response) => {
  const { write } = response
  response.setHeader('content-type', 'text/event-stream')
  setTimeout(() => response.write('data: 1\\n\\n'), 30)
  setTimeout(() => response.end(String(response.write === write || Object.hasOwn(response, 'write'))), 90)
})
http('late', (request, response) => {
  const span = trace.getTracer('app').startSpan('after the answer')
  response.send('ok')
  setTimeout(() => span.end(), 30)
})
cloudEvent('event', async (event) => { work(event.data.message.messageId) })
cloudEvent('callback', (event, done) => { setTimeout(() => { work(event.type); done() }, 20) })
cloudEvent('callbackError', (event, done) => { setTimeout(() => done(new RangeError('full')), 20) })
export const legacy = (request, response) => response.send('exported')
export const background = (data, context) => work(context.eventType)`
  const PUBSUB = {
    'content-type': 'application/json',
    'ce-id': 'event-1',
    'ce-source': '//pubsub.googleapis.com/projects/demo/topics/orders',
    'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
    'ce-specversion': '1.0',
  }

  async function call(target: string, request: RequestInit = {}, signature?: string, otel: Options = {}, more = {}) {
    const { file } = await build({
      files: { 'src/index.mjs': source },
      otel: { ...otel, handlers: ['legacy', 'background'] },
    })
    const { receiver, env } = await receive()
    const server = await startFunction(file, target, { ...env, ...more }, signature)
    const answer = await fetch(`${server.url}/`, request)
    const body = await answer.text()
    const before = receiver.spans.length
    if (target === 'late') await sleep(60)
    expect(await server.stop()).toBe(0)
    const root = receiver.spans.find(({ name }) => /^(GET|POST|process .*|callback.*|background)$/.test(name))
    return { status: answer.status, body, before, spans: receiver.spans, root }
  }

  test.each([{}, { flush: { mode: 'interval' } }] as const)('%j: what is thrown', async (otel) => {
    const { status, root } = await call('throws', {}, 'http', otel)
    expect(status).toBe(500)
    expect(root).toMatchObject({
      status: { code: 2, message: 'no such order' },
      attributes: { 'error.type': 'TypeError', 'http.response.status_code': 500 },
      events: [{ name: 'exception', attributes: { 'exception.message': 'no such order' } }],
    })
  })

  test('deployed, an unsampled parent is the front end’s: a link', async () => {
    const headers = { traceparent: PARENT.replace(/1$/, '0') }
    expect((await call('legacy', { headers })).spans).toEqual([])
    const { root } = await call('legacy', { headers }, 'http', {}, { K_SERVICE: 'orders' })
    expect(root).toMatchObject({ links: [{ traceId: PARENT.slice(3, 35) }], resource: { 'faas.name': 'orders' } })
    expect(root!.parentSpanId).toBeUndefined()
  })

  test.each([{}, { flush: { mode: 'interval' } }] as const)(
    '%j: the time to the first byte of what is streamed',
    async (otel) => {
      const { body, root } = await call('streams', {}, 'http', otel)
      // Nothing of ours is left on the response after the first chunk.
      expect(body).toBe('data: 1\n\nfalse')
      const first = root!.attributes['unplugin_otel.time_to_first_byte']
      expect(first).toBeGreaterThanOrEqual(0.029)
      expect(first).toBeLessThan((root!.endMs - root!.startMs) / 1000 - 0.05)
      const whole = await call('legacy', {}, 'http', otel)
      expect(whole.root!.attributes).not.toHaveProperty('unplugin_otel.time_to_first_byte')
    },
  )

  test('so does only the last of those that are answered in the same turn', async () => {
    const files = {
      'src/index.mjs': `import { http } from '${FRAMEWORK}'\nimport { trace } from '@opentelemetry/api'
let go
const gone = new Promise((resolve) => (go = resolve))
http('gate', async (request, response) => {
  console.log('came')
  if (request.query.go) go()
  await gone
  trace.getTracer('app').startSpan('work').end()
  response.send('done')
})`,
    }
    const { file } = await build({ files })
    const { receiver, env } = await receive({ delayMs: 400 })
    const server = await startFunction(file, 'gate', env)
    const call = async (query = '') => {
      await (await fetch(server.url + query)).text()
      return receiver.requests.filter(({ status }) => status === 200).length
    }
    const waiting = [call(), call(), call()]
    await vi.waitFor(() => expect(server.output().match(/came/g)).toHaveLength(3), 5000)
    const answered = await Promise.all([...waiting, call('?go=1')])
    expect(answered.filter((exports) => exports === 0)).toHaveLength(3)
    expect(Math.max(...answered)).toBe(receiver.requests.length)
    expect(receiver.spans).toHaveLength(8)
    await server.kill()
  })

  test('of several requests only the last one answered waits for the export, for that of all', async () => {
    const { file } = await build({ files: { 'src/index.mjs': source } })
    const { receiver, env } = await receive({ delayMs: 400 })
    const server = await startFunction(file, 'waits', env)
    const began = performance.now()
    const answered = await Promise.all(
      [300, 100, 100].map(async (ms) => {
        await (await fetch(`${server.url}/?ms=${ms}`)).text()
        return { after: performance.now() - began - ms, spans: receiver.spans.length }
      }),
    )
    const [last, ...others] = answered
    for (const { after } of others) expect(after).toBeLessThan(300)
    expect(last!.after).toBeGreaterThan(390)
    expect(last!.spans).toBe(3)
    await server.kill()
  })

  test('a CloudEvent: of Pub/Sub the sender is the parent, before the deliverer', async () => {
    const message = { messageId: 'm-1', attributes: { traceparent: PARENT }, data: 'e30=' }
    const headers = { ...PUBSUB, traceparent: '00-11111111111111111111111111111111-2222222222222222-01' }
    const { status, root, before } = await call('event', { method: 'POST', headers, body: JSON.stringify({ message }) })
    expect(status).toBe(204)
    expect(before).toBe(2)
    expect(root).toMatchObject({
      name: 'process orders',
      kind: 5,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      attributes: {
        'cloudevents.event_id': 'event-1',
        'faas.trigger': 'pubsub',
        'messaging.destination.name': 'orders',
        'messaging.message.id': 'm-1',
        'messaging.system.name': 'gcp_pubsub',
      },
    })
  })

  test.each([
    ['callback', 204, {}],
    ['callbackError', 500, { 'error.type': 'RangeError' }],
  ])('%s: by its second parameter', async (target, expected, attributes) => {
    const headers = { ...PUBSUB, 'ce-type': 'com.example.job' }
    const { status, root, before, spans } = await call(target, { method: 'POST', headers, body: '{}' })
    expect(status).toBe(expected)
    expect(before).toBe(spans.length)
    expect(root).toMatchObject({
      name: target,
      attributes: { 'cloudevents.event_type': 'com.example.job', ...attributes },
    })
  })

  test('exports that are named: by request, and by background event', async () => {
    expect(await call('legacy')).toMatchObject({ body: 'exported', root: { name: 'GET' } })
    const context = {
      eventId: '7',
      eventType: 'google.storage.object.finalize',
      resource: 'projects/_/buckets/b/objects/o',
    }
    const body = JSON.stringify({ data: { bucket: 'uploads' }, context })
    const headers = { 'content-type': 'application/json' }
    expect(await call('background', { method: 'POST', headers, body }, 'event')).toMatchObject({
      root: {
        attributes: {
          'faas.document.collection': 'uploads',
          'faas.document.operation': 'insert',
          'faas.trigger': 'datasource',
        },
      },
    })
  })

  test.each([{}, { flush: { mode: 'interval' } }] as const)(
    '%j: nothing is lost when it is stopped after the answer',
    async (otel) => {
      const late = await call('late', {}, 'http', otel)
      expect(late.spans.map(({ name }) => name).toSorted()).toEqual(['GET', 'after the answer'])
    },
  )
})
