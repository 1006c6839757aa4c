/** `sampling` in the platforms' runtimes: what is exported is decided by all spans of an invocation, when it ends. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { deployWorker } from './deploy-worker.ts'
import { buildFunction, deploy, functions, invoke } from './deploy.ts'
import { startNodeServer } from './harness/node-server.ts'
import { startReceiver, type ReceivedSpan } from './harness/otlp-receiver.ts'

const WORK = `
import { context, propagation, trace } from '@opentelemetry/api'
const tracer = trace.getTracer('user')
export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** Says what others would be told. */
export async function work({ fail = false, failInside = false, ms = 0 }, name = 'step'): Promise<Record<string, string>> {
  for (const n of [1, 2]) {
    const span = tracer.startSpan(name + ' ' + n)
    if (failInside && n === 2) span.setStatus({ code: 2 })
    span.end()
  }
  await sleep(ms)
  if (fail) throw new TypeError('asked for')
  const carrier = {}
  propagation.inject(context.active(), carrier)
  return carrier
}
`

let traces = 0
/** As a caller would send it: within a ratio of 0.2, or not; sampled, or not. */
function traceparent(isSampled: boolean, isWithin = false): string {
  return `00-${String(++traces).padStart(18, '0')}${(isWithin ? 'f' : '0').repeat(14)}-${'b'.repeat(16)}-0${Number(isSampled)}`
}

/** Of each trace: why it is here, and its spans, all of which have the flag. */
function kept(spans: readonly ReceivedSpan[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const root of spans.filter(({ attributes }) => attributes['sampling.decision'])) {
    const own = spans.filter(({ traceId }) => traceId === root.traceId)
    expect(own.map(({ flags }) => flags & 1)).toEqual(own.map(() => 1))
    expect(root.attributes).not.toHaveProperty('otel.dropped_spans')
    const names = own.map(({ name, spanId }) => (spanId === root.spanId ? 'root' : name)).toSorted()
    found[root.traceId] = `${String(root.attributes['sampling.decision'])}: ${names.join(', ')}`
  }
  // Nothing of what has no root here.
  expect(spans.filter(({ traceId }) => !found[traceId])).toEqual([])
  return found
}
const idOf = (parent: string) => parent.split('-')[1]!
const WHOLE = 'root, step 1, step 2'

describe('on Lambda', () => {
  const HANDLER = `${WORK}
    export const handler = async (event: object) => {
      if ('hang' in event) await Promise.all([work({}), sleep(60_000)])
      return work(event)
    }`
  const sampling = { ratio: 0.2, keepColdStarts: false, keepSlowerThan: 150 }

  test.each([
    ['by the extension', 'esm', {}],
    ['before the response', 'esm', { flush: { mode: 'await' as const } }],
    ['CommonJS', 'cjs', {}],
  ] as const)('%s: errors, what is slow, and what others have sampled', async (_, format, otel) => {
    const deployment = await deploy(HANDLER, { format, otel: { ...otel, sampling } })
    const run = async (parent: string, event = {}) => {
      const { body } = await invoke(deployment, { traceparent: parent, ...event })
      return [parent, String(body)] as const
    }
    const [plain, told] = await run(traceparent(false))
    const [within, toldWithin] = await run(traceparent(true, true))
    const [byParent] = await run(traceparent(true))
    const [failed] = await run(traceparent(false), { fail: true })
    const [failedInside] = await run(traceparent(false), { failInside: true })
    const [slow] = await run(traceparent(false), { ms: 200 })
    const [again] = await run(plain)
    expect(again).toBe(plain)
    expect(kept(deployment.receiver.spans)).toEqual({
      [idOf(within)]: `ratio: ${WHOLE}`,
      [idOf(byParent)]: `parent: ${WHOLE}`,
      [idOf(failed)]: `error: ${WHOLE}`,
      [idOf(failedInside)]: `error: ${WHOLE}`,
      [idOf(slow)]: `slow: ${WHOLE}`,
    })
    // A request each, and none for what is dropped.
    expect(deployment.receiver.requests).toHaveLength(5)
    expect(told).toMatch(new RegExp(`00-${idOf(plain)}-[0-9a-f]{16}-00`))
    expect(toldWithin).toMatch(new RegExp(`00-${idOf(within)}-[0-9a-f]{16}-01`))
  })

  test('cold starts are kept, of a fan-out the part that failed, and what the platform cuts off', async () => {
    const deployment = await deploy(HANDLER, { otel: { sampling: { ratio: 0 } }, lambda: { timeoutMs: 1500 } })
    const parents = ['cold', 'warm', 'shared', 'hanging'].map(() => traceparent(true, true))
    const [cold, warm, shared, hanging] = parents as [string, string, string, string]
    await invoke(deployment, { traceparent: cold })
    await invoke(deployment, { traceparent: warm })
    await invoke(deployment, { traceparent: shared })
    await invoke(deployment, { traceparent: shared, fail: true })
    await invoke(deployment, { traceparent: shared })
    await invoke(deployment, { traceparent: hanging, hang: true })
    expect(kept(deployment.receiver.spans)).toEqual({
      [idOf(cold)]: `cold_start: ${WHOLE}`,
      [idOf(shared)]: `error: ${WHOLE}`,
      [idOf(hanging)]: `error: ${WHOLE}`,
    })
  })

  test('a stream that fails when the answer is long on its way', async () => {
    const source = `${WORK}
      export const handler = awslambda.streamifyResponse(async (event, stream) => {
        stream.write('begin')
        await work(event)
        stream.end('end')
      })`
    const deployment = await deploy(source, { otel: { sampling } })
    const [plain, failed] = [traceparent(false), traceparent(false)]
    await invoke(deployment, { traceparent: plain })
    await invoke(deployment, { traceparent: failed, failInside: true })
    expect(kept(deployment.receiver.spans)).toEqual({ [idOf(failed)]: `error: ${WHOLE}` })
  })

  test('what waits is within the limit, errors first', async () => {
    const source = `${WORK}
      export const handler = async () => {
        for (const failInside of [false, false, true]) await work({ failInside })
      }`
    const deployment = await deploy(source, { otel: { sampling, limits: { spansPerInvocation: 2 } } })
    const parent = traceparent(false)
    await invoke(deployment, { traceparent: parent })
    const { spans } = deployment.receiver
    expect(kept(spans)).toEqual({ [idOf(parent)]: 'error: root, step 2, step 2' })
    expect(spans.map(({ status }) => status.code).toSorted()).toEqual([0, 0, 2])
    expect(spans.find(({ kind }) => kind === 2)!.attributes['unplugin_otel.dropped_spans']).toBe(4)
  })

  test('`decide` of otel.config.ts is asked first, with all that was recorded', async () => {
    const config = `export default {
      decide({ root, spans }) {
        const [asked] = spans.map(({ attributes }) => attributes['user.asked']).filter(Boolean)
        if (asked === 'throw') throw new Error('no')
        return asked === undefined ? undefined : asked === 'keep' && spans.includes(root) && spans.length === 2
      },
    }`
    const source = `
      import { trace } from '@opentelemetry/api'
      export const handler = async ({ asked, fail }) => {
        const span = trace.getTracer('user').startSpan('step')
        if (asked) span.setAttribute('user.asked', asked)
        span.end()
        if (fail) throw new TypeError('asked for')
      }`
    const deployment = await deploy(source, { config, otel: { sampling: { ratio: 0, keepColdStarts: false } } })
    const run = async (event: object) => {
      const parent = traceparent(true, true)
      await invoke(deployment, { traceparent: parent, ...event })
      return idOf(parent)
    }
    const [keep, , thrown, , failed] = [
      await run({ asked: 'keep' }),
      await run({ asked: 'drop', fail: true }),
      await run({ asked: 'throw', fail: true }),
      await run({}),
      await run({ fail: true }),
    ]
    expect(kept(deployment.receiver.spans)).toEqual({
      [keep]: 'custom: root, step',
      [thrown]: 'error: root, step',
      [failed]: 'error: root, step',
    })
    expect(deployment.lambda.output).toContain('UO240')
  })

  test('where it is not set, there is nothing of it in the bundle', async () => {
    const bundle = async (otel: object) => {
      const folder = await buildFunction(HANDLER, { otel, esbuild: { minify: true } })
      return readFileSync(path.join(folder, 'index.mjs'))
    }
    const [without, withIt] = [await bundle({}), await bundle({ sampling })]
    expect(without.toString()).not.toMatch(/sampling\.decision|OTEL_TRACES_SAMPLER_ARG/)
    expect(withIt.toString()).toContain('sampling.decision')
    const size = gzipSync(withIt, { level: 9 }).length - gzipSync(without, { level: 9 }).length
    console.log(`sampling: +${size} B gzip`)
    expect(size).toBeLessThanOrEqual(1300)
  })

  test('by the variables, where they were set while building', async () => {
    const before = process.env['OTEL_TRACES_SAMPLER']
    process.env['OTEL_TRACES_SAMPLER'] = 'parentbased_traceidratio'
    onTestFinished(() => void Object.assign(process.env, { OTEL_TRACES_SAMPLER: before ?? '' }))
    const env = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.2' }
    const deployment = await deploy(HANDLER, { lambda: { env } })
    const parents = [traceparent(true), traceparent(false, true), traceparent(true)]
    for (const parent of parents) await invoke(deployment, { traceparent: parent })
    expect(kept(deployment.receiver.spans)).toEqual({
      [idOf(parents[0]!)]: `cold_start: ${WHOLE}`,
      [idOf(parents[1]!)]: `ratio: ${WHOLE}`,
    })
  })
})

describe('on workerd', () => {
  const WORKER = `${WORK}
    export default {
      async fetch(request, _env, ctx) {
        const asked = Object.fromEntries(new URL(request.url).searchParams)
        const carrier = await work({ failInside: 'inside' in asked, ms: Number(asked.ms ?? 0) })
        if ('background' in asked) ctx.waitUntil(sleep(300).then(() => work({ failInside: true }, 'later')))
        return Response.json(carrier)
      },
    }`
  const otel = { sampling: { ratio: 0.2, keepColdStarts: false }, batching: { scheduledDelayMillis: 50 } }

  test('nothing of a trace is sent before it is decided, and then all of it', async () => {
    const { worker, receiver } = await deployWorker(WORKER, { otel })
    const get = (query: string, parent: string) => worker.fetch(`/?${query}`, { headers: { traceparent: parent } })
    const [plain, sampled, failed, background] = [false, true, false, false].map((is) => traceparent(is))
    await get('ms=200', plain!)
    await worker.settled()
    expect(receiver.requests).toHaveLength(0)
    await get('ms=200', sampled!)
    await worker.settled()
    // By its parent it is decided at once: what has ended is sent while it runs.
    expect(receiver.requests).toHaveLength(2)
    await get('ms=200&inside', failed!)
    await worker.settled()
    // By an error it is decided, and what has waited is sent before the end.
    expect(receiver.requests).toHaveLength(4)
    await get('background', background!)
    await worker.settled()
    expect(kept(receiver.spans)).toEqual({
      [idOf(sampled!)]: `parent: ${WHOLE}`,
      [idOf(failed!)]: `error: ${WHOLE}`,
      [idOf(background!)]: `error: later 1, later 2, ${WHOLE}`,
    })
  })

  test('many at once are decided each by itself', async () => {
    const { worker, receiver } = await deployWorker(WORKER, { otel })
    const asked = Array.from({ length: 20 }, (_, n) => ({ parent: traceparent(false), isFailing: n % 4 === 0 }))
    await Promise.all(
      asked.map(({ parent, isFailing }) =>
        worker.fetch(`/?ms=100${isFailing ? '&inside' : ''}`, { headers: { traceparent: parent } }),
      ),
    )
    await worker.settled()
    const failing = asked.filter(({ isFailing }) => isFailing)
    expect(kept(receiver.spans)).toEqual(
      Object.fromEntries(failing.map(({ parent }) => [idOf(parent), `error: ${WHOLE}`])),
    )
  })
})

test('on a server: each invocation by itself, in batches of several', async () => {
  const source = `${WORK}
    import { createServer } from 'node:http'
    import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
    listen(createServer(async (request, response) => {
      const asked = new URL(request.url!, 'http://a').searchParams
      await work({ ms: Number(asked.get('ms') ?? 0) })
      response.writeHead(asked.has('fail') ? 503 : 200).end('ok')
    }))`
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const otel = {
    platform: 'node-server',
    sampling: { ratio: 0.2, keepColdStarts: false, keepSlowerThan: 150 },
    batching: { scheduledDelayMillis: 400 },
  } as const
  const folder = await buildFunction(source, { otel })
  const server = await startNodeServer(path.join(folder, 'index.mjs'), { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  const parents = Array.from({ length: 4 }, () => traceparent(false))
  const [plain, failed, slow, last] = parents as [string, string, string, string]
  const get = (query: string, parent: string) =>
    fetch(`${server.url}/?${query}`, { headers: { traceparent: parent } }).then((response) => response.text())
  await Promise.all([get('', plain), get('fail', failed), get('ms=200', slow)])
  await receiver.waitForSpans(6)
  await get('fail', last)
  // What is decided at the exit is not lost.
  await server.signal('SIGTERM')
  expect(kept(receiver.spans)).toEqual({
    [idOf(failed)]: `error: ${WHOLE}`,
    [idOf(slow)]: `slow: ${WHOLE}`,
    [idOf(last)]: `error: ${WHOLE}`,
  })
})
