/** Others that bring an OpenTelemetry provider of their own to a Lambda function: theirs records and exports, nothing twice. */
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deploy, invoke, type Deployment, type DeployOptions } from './deploy.ts'
import { compareLedger, readLedger } from './harness/ledger.ts'
import type { ReceivedTrace } from './harness/otlp-receiver.ts'
import { startSentry, type SentrySpan } from './harness/sentry-receiver.ts'

const projects = path.join(import.meta.dirname, 'projects')
const peers = path.join(projects, 'peers')
const sentry = path.join(projects, 'sentry')
const otel = { platform: 'aws-lambda' } as const
/** What they bundle as CommonJS in an ES module. */
const require = `import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);`
const CYCLES = 20
const SAID = /another OpenTelemetry provider is registered/g

const source = (before = '', body = '', after = '') => `
  import { trace } from '@opentelemetry/api'
  import { tracedInLedger } from '${path.join(import.meta.dirname, 'harness/ledger-span.ts')}'
  ${before}
  export const handler = async (event: { n: number }) => {
    ${body}
    const answer = await tracedInLedger('outer', () => tracedInLedger('inner', async () => ({ n: event.n, ok: true })))
    ${after}
    return answer
  }
`

/** With the plugin and without it. */
async function deployBoth(text: string, options: DeployOptions): Promise<[Deployment, Deployment]> {
  const lambda = { timeoutMs: 10_000, ...options.lambda }
  const banner = options.format === 'cjs' ? {} : { banner: { js: require } }
  const all = { otel, ...options, lambda, esbuild: { ...banner, ...options.esbuild } }
  return Promise.all([deploy(text, all), deploy(text, { ...all, otel: false })])
}

async function expectSameAnswers(deployment: Deployment, control: Deployment, cycles = CYCLES): Promise<void> {
  for (let n = 0; n < cycles; n++) {
    const [answer, expected] = await Promise.all([invoke(deployment, { n }), invoke(control, { n })])
    expect(answer.text).toBe(expected.text)
  }
}

/** And nothing is lost, or in a trace of its own. */
async function expectTraces(deployment: Deployment, control: Deployment): Promise<ReceivedTrace[]> {
  await expectSameAnswers(deployment, control)
  const { started, lost, duplicated } = compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)
  expect({ started, lost, duplicated }).toEqual({ started: CYCLES * 2, lost: [], duplicated: [] })
  const traces = deployment.receiver.traces()
  expect(traces).toHaveLength(CYCLES)
  for (const { roots } of traces) {
    expect(roots).toMatchObject([{ kind: 2, children: [{ name: 'outer', children: [{ name: 'inner' }] }] }])
  }
  return traces
}

async function expectOneTraceEach(deployment: Deployment, control: Deployment): Promise<void> {
  await expectTraces(deployment, control)
  expect(deployment.lambda.output.match(SAID)).toHaveLength(1)
}

test.each(['esm', 'cjs'] as const)('a layer that is preloaded, which makes the root: %s', async (format) => {
  const nodeArgs = ['--import', path.join(peers, 'loader.mjs'), '--require', path.join(peers, 'layer.cjs')]
  const [deployment, control] = await deployBoth(source(), { project: peers, format, lambda: { nodeArgs } })
  await expectOneTraceEach(deployment, control)
  const roots = deployment.receiver.traces().flatMap((trace) => trace.roots)
  expect(new Set(roots.map(({ scope }) => scope.name))).toEqual(new Set(['@opentelemetry/instrumentation-aws-lambda']))
  // Without the plugin it does the same.
  expect(control.receiver.spans.filter(({ kind }) => kind === 2)).toHaveLength(CYCLES)
})

test('@vercel/otel in the code', async () => {
  const before = `
    import { registerOTel } from '@vercel/otel'
    registerOTel({ serviceName: 'theirs' })
  `
  const [deployment, control] = await deployBoth(source(before), { project: peers })
  await expectOneTraceEach(deployment, control)
  expect(new Set(deployment.receiver.spans.map(({ resource }) => resource['service.name']))).toEqual(
    new Set(['theirs']),
  )
})

const sentryInit = (more: string) => `
  import * as Sentry from '@sentry/node'
  Sentry.init({ dsn: process.env.DSN, tracesSampleRate: 1, enableRuntimeChannelInjection: false, ${more} })
`

test('Sentry with its OpenTelemetry provider: its client is told to send', async () => {
  const theirs = await startSentry({ delayMs: 20 })
  onTestFinished(() => theirs.stop())
  const [deployment, control] = await deployBoth(source(sentryInit('enableOpenTelemetrySetup: true')), {
    project: sentry,
    lambda: { env: { DSN: theirs.dsn } },
  })
  await expectSameAnswers(deployment, control)
  // Of both: without the plugin it has no root, and ends up in one trace.
  const known = new Set(readLedger(deployment.ledger).map(({ spanId }) => spanId))
  const roots = theirs.spans.filter(({ name }) => name === 'harness')
  const children = theirs.spans.filter(({ span_id }) => known.has(span_id))
  expect([known.size, children.length, roots.length]).toEqual([CYCLES * 2, CYCLES * 2, CYCLES])
  const traces = Object.groupBy([...roots, ...children], ({ trace_id }) => trace_id)
  expect(Object.keys(traces)).toHaveLength(CYCLES)
  for (const [root, ...rest] of Object.values(traces) as SentrySpan[][]) {
    expect(root).toMatchObject({ name: 'harness' })
    expect(rest.map(({ name }) => name).toSorted()).toEqual(['inner', 'outer'])
    const outer = rest.find(({ name }) => name === 'outer')!
    expect(outer.parent_span_id).toBe(root!.span_id)
  }
  expect(deployment.receiver.requests).toEqual([])
  expect(deployment.lambda.output.match(SAID)).toHaveLength(1)
})

test('Sentry as it is by default, beside us: each has its own', async () => {
  const theirs = await startSentry()
  onTestFinished(() => theirs.stop())
  const body = `
    Sentry.captureException(new Error('theirs ' + event.n))
    await Sentry.flush(1000)
  `
  const [deployment, control] = await deployBoth(source(sentryInit(''), body), {
    project: sentry,
    lambda: { env: { DSN: theirs.dsn } },
  })
  await expectSameAnswers(deployment, control)
  const { started, lost, duplicated } = compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)
  expect({ started, lost, duplicated }).toEqual({ started: CYCLES * 2, lost: [], duplicated: [] })
  expect(deployment.receiver.traces()).toHaveLength(CYCLES)
  // Of both functions.
  expect(theirs.errors).toHaveLength(CYCLES * 2)
  expect(deployment.lambda.output).not.toMatch(SAID)
})

/** A provider with the smallest API, whose flush is `flush`. */
const handmade = (flush: string) => `
  import { ProxyTracerProvider } from '@opentelemetry/api'
  trace.setGlobalTracerProvider(Object.assign(new ProxyTracerProvider(), { forceFlush: async () => { ${flush} } }))
`

test.each([
  ['hangs', `await new Promise(() => {})`],
  ['takes long to fail', `await new Promise((resolve) => setTimeout(resolve, 700)); throw [new Error('no')]`],
])('a flush of theirs that %s costs an invocation once', async (_, flush) => {
  const [deployment, control] = await deployBoth(source(handmade(flush)), {})
  const busy: number[] = []
  for (let n = 0; n < 4; n++) {
    const [answer, expected] = [await invoke(deployment, { n }), await invoke(control, { n })]
    expect(answer.text).toBe(expected.text)
    busy.push(answer.busyMs)
  }
  expect(busy.filter((ms) => ms > 600)).toHaveLength(1)
  expect(deployment.lambda.output.match(/UO216/g)).toHaveLength(1)
})

const sdk = `
  import { BatchSpanProcessor, BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
  import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
  import { resourceFromAttributes } from '@opentelemetry/resources'
  const theirs = () => new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'theirs' }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(), { scheduledDelayMillis: Number(process.env.DELAY ?? 5000) })],
  })
`

test.each([
  ['which the API refuses: ours goes on', '', ['harness']],
  ['in place of ours: theirs from the next invocation on', 'trace.disable()', ['harness', 'theirs']],
])('a provider that is registered in an invocation, %s', async (_, before, services) => {
  const body = `if (event.n === 1) {
    ${before}
    trace.setGlobalTracerProvider(theirs())
  }`
  const [deployment, control] = await deployBoth(source(sdk, body), { project: peers })
  // The one in which it was registered began with ours, and goes on with theirs.
  const traces = await expectTraces(deployment, control)
  const roots = traces.flatMap((trace) => trace.roots)
  expect([...new Set(roots.map(({ resource }) => resource['service.name']))]).toEqual(services)
})

test('a batch of theirs that is under way when the handler ends has its answer before the freeze', async () => {
  const registered = `${sdk}
  trace.setGlobalTracerProvider(theirs())`
  // A processor's `forceFlush` waits for what is queued, not for what it has sent; but the root is queued last.
  const late = source(registered, '', 'await new Promise((resolve) => setTimeout(resolve, 10))')
  const [deployment, control] = await deployBoth(late, {
    project: peers,
    lambda: { env: { DELAY: '5' } },
    receiver: { delayMs: 50 },
  })
  await expectSameAnswers(deployment, control)
  const { started, lost, duplicated } = compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)
  expect({ started, lost, duplicated }).toEqual({ started: CYCLES * 2, lost: [], duplicated: [] })
  const { requests } = deployment.receiver
  expect(requests.length).toBeGreaterThan(CYCLES)
  expect(requests.filter(({ status }) => status === undefined)).toEqual([])
})
