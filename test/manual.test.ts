/** The manual API of `unplugin-otel/runtime` where functions run: Lambda, workerd, Node by itself, a page. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { describe, expect, onTestFinished, test } from 'vitest'
import { deploy, invoke } from './deploy.ts'
import { deployWorker } from './deploy-worker.ts'
import { startReceiver, type ReceivedSpan } from './harness/otlp-receiver.ts'

const root = path.resolve(import.meta.dirname, '..')
const USER = { 'user.id': 'u_1', 'session.id': 's_1', 'group.company': 'acme', 'metadata.plan': 'pro' }
const context = `{ userId: 'u_1', sessionId: 's_1', groups: { company: 'acme' }, metadata: { plan: 'pro' } }`
const named = (spans: readonly ReceivedSpan[], name: string) => spans.filter((span) => span.name === name)

/** What an API gets that the function calls. */
async function startApi(): Promise<{ url: string; headers: IncomingHttpHeaders[] }> {
  const headers: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    headers.push(request.headers)
    response.end('ok')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, headers }
}

const LAMBDA = `
  import { setTimeout as sleep } from 'node:timers/promises'
  import { trace } from '@opentelemetry/api'
  import { flush, isEnabled, log, sendEvent, sendException, traced, withContext } from 'unplugin-otel/runtime'
  const atLoad = isEnabled()
  const library = trace.getTracer('a library')
  async function* steps() {
    for (let n = 1; n <= 2; n++) { await sleep(5); library.startSpan('step ' + n).end(); yield n }
  }
  export const handler = async (event) => {
    if (event.caught) {
      const error = new RangeError('out of stock')
      sendException(error, { order: 7 })
      sendException(error)
      return 'caught'
    }
    return withContext(${context}, async () => {
      await traced('call', () => fetch(event.url))
      log({ cart: 2 })
      sendEvent('cart.checked_out', { items: 2 })
      let sum = 0
      for await (const n of traced('steps', steps)) sum += n
      const text = await new Response(traced('stream', () => new ReadableStream({
        async pull(controller) { await sleep(5); controller.enqueue(new TextEncoder().encode('bytes')); controller.close() }
      }))).text()
      await flush({ timeoutMillis: 500 })
      return { atLoad, isEnabled: isEnabled(), sum, text }
    })
  }
`

describe('Lambda', () => {
  test('all of it in one invocation: who it is for on every span, and in no header', async () => {
    const api = await startApi()
    const deployment = await deploy(LAMBDA, { extension: 'js' })
    const result = await invoke(deployment, { url: api.url })
    expect(result.json()).toEqual({ atLoad: false, isEnabled: true, sum: 3, text: 'bytes' })
    const { spans } = deployment.receiver
    const handled = spans.find(({ kind }) => kind === 2)
    expect(handled).toMatchObject({ attributes: { cart: 2 }, events: [{ name: 'cart.checked_out' }] })
    expect(handled!.attributes).not.toHaveProperty(['user.id'])
    const [steps, stream] = ['steps', 'stream'].map((name) => named(spans, name)[0]!)
    for (const name of ['call', 'steps', 'stream', 'step 1', 'step 2']) {
      expect(named(spans, name), name).toMatchObject([{ attributes: USER }])
    }
    for (const name of ['step 1', 'step 2']) expect(named(spans, name)).toMatchObject([{ parentSpanId: steps!.spanId }])
    expect(stream).toMatchObject({ parentSpanId: handled!.spanId })
    expect(stream!.endMs - stream!.startMs).toBeGreaterThanOrEqual(4)
    expect(api.headers).toHaveLength(1)
    expect(JSON.stringify(api.headers)).not.toMatch(/u_1|s_1|acme|"pro"|baggage/)
  })

  test('an error that was caught keeps its trace, whatever the ratio, and is there once', async () => {
    const deployment = await deploy(LAMBDA, {
      extension: 'js',
      otel: { sampling: { ratio: 0, keepColdStarts: false } },
    })
    expect((await invoke(deployment, { caught: true })).json()).toBe('caught')
    expect(deployment.receiver.spans).toMatchObject([
      {
        status: { code: 2, message: 'out of stock' },
        attributes: { 'error.type': 'RangeError', order: 7 },
        events: [{ name: 'exception', attributes: { 'exception.message': 'out of stock' } }],
      },
    ])
  })

  test.each([
    ['disabled by the variable', {}, { OTEL_SDK_DISABLED: 'true' }],
    ['plugin off', { enabled: false }, {}],
    ['without the plugin', false, {}],
  ] as const)('%s: the same answers, and nothing sent', async (_, otel, env) => {
    const api = await startApi()
    const deployment = await deploy(LAMBDA, { extension: 'js', otel, lambda: { env } })
    const result = await invoke(deployment, { url: api.url })
    expect(result.json()).toEqual({ atLoad: false, isEnabled: false, sum: 3, text: 'bytes' })
    expect((await invoke(deployment, { caught: true })).json()).toBe('caught')
    expect(deployment.receiver.requests).toHaveLength(0)
  })
})

const WORKER = `
  import { log, traced, withContext } from 'unplugin-otel/runtime'
  const encode = (text) => new TextEncoder().encode(text)
  const events = () => {
    let left = 2
    return new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        if (left-- > 0) controller.enqueue(encode('data: ' + left + '\\n\\n'))
        else controller.close()
      },
    })
  }
  export default {
    async fetch(request) {
      const { pathname } = new URL(request.url)
      return withContext(${context}, async () => {
        await traced('first', async () => new Promise((resolve) => setTimeout(resolve, 1)))
        await traced('second', async () => log({ a: 1 }))
        if (pathname === '/bytes') {
          const reader = traced('bytes', () => new Response('some bytes').body).getReader({ mode: 'byob' })
          let text = ''
          for (;;) {
            const { done, value } = await reader.read(new Uint8Array(4))
            if (done) return new Response(text)
            text += new TextDecoder().decode(value)
          }
        }
        return traced('answer', () => new Response(events(), { headers: { 'content-type': 'text/event-stream' } }))
      })
    },
  }
`

describe('Workers', () => {
  test('who it is for on every span, a response that is streamed, and bytes into the reader’s own buffer', async () => {
    const { worker, receiver } = await deployWorker(WORKER)
    expect(await (await worker.fetch('/events')).text()).toBe('data: 1\n\ndata: 0\n\n')
    await worker.settled()
    for (const name of ['first', 'second', 'answer']) {
      expect(named(receiver.spans, name), name).toMatchObject([{ attributes: USER }])
    }
    expect(named(receiver.spans, 'second')[0]!.attributes).toMatchObject({ a: 1 })
    const [answer] = named(receiver.spans, 'answer')
    expect(answer!.endMs - answer!.startMs).toBeGreaterThanOrEqual(10)
    expect(answer!.attributes).not.toHaveProperty(['unplugin_otel.end_reason'])
    receiver.reset()
    expect(await (await worker.fetch('/bytes')).text()).toBe('some bytes')
    await worker.settled()
    expect(named(receiver.spans, 'bytes')).toMatchObject([{ attributes: USER, status: { code: 0 } }])
  })

  test('without AsyncLocalStorage: the same answers, what is missing is said once, what is synchronous works', async () => {
    const { worker, receiver } = await deployWorker(WORKER, { compatibilityFlags: [] })
    for (let n = 0; n < 2; n++) {
      expect(await (await worker.fetch('/events')).text()).toBe('data: 1\n\ndata: 0\n\n')
    }
    await worker.settled()
    const said = worker.console.filter(({ message }) => message.includes('UO230'))
    expect(said).toMatchObject([{ level: 'warn', message: expect.stringContaining('nodejs_als') }])
    expect(named(receiver.spans, 'first')).toMatchObject([{ attributes: USER }, { attributes: USER }])
    expect(named(receiver.spans, 'second')[0]!.attributes).toEqual({ a: 1 })
  })
})

/** Project → how its SDK is started. */
const SDKS: Readonly<Record<string, string>> = {
  'node-sdk': `import { NodeSDK } from '@opentelemetry/sdk-node'
    const start = () => new NodeSDK().start()`,
  // Of the 2.x line, with the API that was there then.
  peers: `import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
    import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
    const start = () =>
      new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] }).register()`,
}

test.each(Object.keys(SDKS))('Node by itself, with the SDK of %s: that records, and is flushed', async (name) => {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const project = path.join(root, 'test/projects', name)
  mkdirSync(path.join(project, '.cache'), { recursive: true })
  const folder = mkdtempSync(path.join(project, '.cache/manual-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const source = `
    ${SDKS[name]}
    import { trace } from '@opentelemetry/api'
    import { flush, isEnabled, log, sendEvent, traced, withContext } from 'unplugin-otel/runtime'
    const before = isEnabled()
    const library = trace.getTracer('a library')
    start()
    await withContext(${context}, () => traced('job', async () => {
      await null
      library.startSpan('query').end()
      log({ rows: 3 })
    }))
    sendEvent('done', { ok: true })
    await flush()
    console.log(JSON.stringify([before, isEnabled()]))
    // As a platform that is done with it.
    process.exit()
  `
  const file = path.join(folder, 'source.mjs')
  writeFileSync(file, source)
  const outfile = path.join(folder, 'job.mjs')
  const alias = { 'unplugin-otel/runtime': path.join(root, 'dist/runtime/index.js') }
  await build({
    entryPoints: [file],
    outfile,
    alias,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@opentelemetry/*'],
  })
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }
  const { stdout } = await promisify(execFile)(process.execPath, [outfile], { env })
  expect(JSON.parse(stdout)).toEqual([false, true])
  const [job] = named(receiver.spans, 'job')
  expect(job).toMatchObject({ attributes: { ...USER, rows: 3 } })
  expect(named(receiver.spans, 'query')).toMatchObject([{ attributes: USER, parentSpanId: job!.spanId }])
  expect(named(receiver.spans, 'done')).toMatchObject([{ attributes: { ok: true } }])
})

test('a page, or a shell with nothing of a runtime in it: the code runs, and nothing else', async () => {
  const source = `
    import { flush, isEnabled, log, sendEvent, sendException, traced, withContext } from 'unplugin-otel/runtime'
    const error = new Error('mine')
    const fail = () => { throw error }
    const thrown = (run) => { try { run() } catch (caught) { return caught } }
    const promise = Promise.resolve(1)
    const steps = (function* () { yield 1 })()
    globalThis.ran = (async () => ({
      values: [promise, steps, undefined].map((value) => traced('a', () => value) === value && withContext({ userId: 'u' }, () => value) === value),
      errors: [traced, withContext].map((call) => thrown(() => call('a', fail)) === error),
      rejected: await withContext({}, async () => traced('a', async () => fail())).catch((caught) => caught === error),
      reserved: thrown(() => sendEvent('otel.a'))?.message,
      nothing: [log({ a: 1 }), sendEvent('a'), sendException(error), await flush({ timeoutMillis: 1 })],
      isEnabled: isEnabled(),
    }))()`
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root },
    alias: { 'unplugin-otel/runtime': path.join(root, 'dist/runtime/index.js') },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    write: false,
  })
  const [{ text } = { text: '' }] = outputFiles
  const bare = createContext({})
  runInContext(text, bare)
  expect(await runInContext('ran', bare)).toEqual({
    values: [true, true, true],
    errors: [true, true],
    rejected: true,
    reserved: "[unplugin-otel] sendEvent('otel.a'): names beginning with otel. are reserved. Choose another.",
    nothing: [undefined, undefined, undefined, undefined],
    isEnabled: false,
  })
})
