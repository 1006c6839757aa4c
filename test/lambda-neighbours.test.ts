/** Others that touch OpenTelemetry in the same process: older API copies, loggers, propagators, SDKs, ourselves. */
import { copyFileSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { buildFunction, deploy, functions, invoke, run, type Deployment } from './deploy.ts'
import { compareLedger, readLedger } from './harness/ledger.ts'

const api19 = path.join(import.meta.dirname, 'projects/api-1.9')
const nodeSdk = path.join(import.meta.dirname, 'projects/node-sdk')
const lambda = { platform: 'aws-lambda' } as const

/** The work of every function here; `before` runs at load. */
const source = (before: string, body = '') => `
  import { context, diag, DiagLogLevel, propagation, trace } from '@opentelemetry/api'
  import { tracedInLedger } from '${path.join(import.meta.dirname, 'harness/ledger-span.ts')}'
  ${before}
  export const handler = async (event: unknown, lambdaContext: unknown) => {
    ${body}
    return tracedInLedger('outer', () => tracedInLedger('inner', async () => 'ok'))
  }
`

async function expectTraces(deployment: Deployment, invocations = 5): Promise<void> {
  for (let i = 0; i < invocations; i++) expect((await invoke(deployment)).json()).toBe('ok')
  const { started, lost, duplicated } = compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)
  expect({ started, lost, duplicated }).toEqual({ started: invocations * 2, lost: [], duplicated: [] })
  const traces = deployment.receiver.traces()
  expect(traces).toHaveLength(invocations)
  for (const { roots } of traces) {
    expect(roots).toMatchObject([{ kind: 2, children: [{ name: 'outer', children: [{ name: 'inner' }] }] }])
  }
}

test.each([{ packages: 'bundle' }, { packages: 'external' }] as const)(
  '@opentelemetry/api 1.9.0 in the project, packages $packages',
  async (esbuild) => {
    const deployment = await deploy(source(''), { project: api19, otel: lambda, esbuild })
    await expectTraces(deployment)
    const bundle = readFileSync(path.join(deployment.folder, 'index.mjs'), 'utf8')
    expect(bundle).not.toMatch(/from\s*["']@opentelemetry/)
    expect(bundle.match(/\bProxyTracerProvider = class/g)).toHaveLength(1)
  },
)

test('diag.setLogger and a propagator set at load', async () => {
  const before = `
    diag.setLogger({ verbose() {}, debug() {}, info() {}, warn() {}, error: (...text) => console.error('DIAG', ...text) }, DiagLogLevel.ALL)
    const calls: string[] = []
    propagation.setGlobalPropagator({ inject() { calls.push('theirs') }, extract: (context) => context, fields: () => [] })
  `
  const deployment = await deploy(
    source(
      before,
      `propagation.inject(context.active(), {}); if (calls.length === 0) throw new Error('their propagator is gone')`,
    ),
  )
  await expectTraces(deployment)
  expect(deployment.lambda.output).not.toContain('DIAG')
})

test('a propagator set at load by a copy of 1.9.0 that is not in the bundle', async () => {
  const before = `
    import { createRequire } from 'node:module'
    const old = createRequire('${api19}/package.json')('@opentelemetry/api')
    old.propagation.setGlobalPropagator({ inject() {}, extract: (context: unknown) => context, fields: () => [] })
  `
  // Spans that the old copy starts inside the handler belong to the same trace.
  const deployment = await deploy(source(before, `old.trace.getTracer('old').startSpan('by the old copy').end()`))
  for (let i = 0; i < 3; i++) await invoke(deployment)
  const traces = deployment.receiver.traces()
  expect(traces).toHaveLength(3)
  for (const { roots } of traces)
    expect(roots[0]?.children.map(({ name }) => name).toSorted()).toEqual(['by the old copy', 'outer'])
})

test('dependencies that use the API at module scope', async () => {
  const before = `
    const early = trace.getTracer('dependency')
    early.startSpan('too early, there is no invocation').end()
    await new Promise((resolve) => setTimeout(resolve, 5))
  `
  const deployment = await deploy(source(before, `early.startSpan('early tracer').end()`))
  for (let i = 0; i < 3; i++) await invoke(deployment)
  for (const { roots } of deployment.receiver.traces()) {
    expect(roots).toHaveLength(1)
    expect(roots[0]?.children.map(({ name }) => name).toSorted()).toEqual(['early tracer', 'outer'])
  }
})

test("a user's own NodeSDK: theirs records and exports, is flushed, said once", async () => {
  const before = `
    import { NodeSDK } from '@opentelemetry/sdk-node'
    import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
    new NodeSDK({ serviceName: 'theirs', traceExporter: new OTLPTraceExporter(), instrumentations: [] }).start()
  `
  const banner = `import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url); const __dirname = import.meta.dirname, __filename = import.meta.filename;`
  const deployment = await deploy(source(before), {
    project: nodeSdk,
    otel: lambda,
    esbuild: { banner: { js: banner } },
    lambda: { timeoutMs: 10_000 },
  })
  await expectTraces(deployment)
  expect(new Set(deployment.receiver.spans.map(({ resource }) => resource['service.name']))).toEqual(
    new Set(['theirs']),
  )
  expect(deployment.lambda.output.match(/another OpenTelemetry provider is registered/g)).toHaveLength(1)
})

test('the runtime loaded twice in one process: one trace, one request', async () => {
  const inner = await buildFunction(path.join(functions, 'work.ts'))
  const outer = await buildFunction(
    source(
      `const other = await import(/* @vite-ignore */ String('./other.mjs'))`,
      `await other.handler(event, lambdaContext)`,
    ),
  )
  copyFileSync(path.join(inner, 'index.mjs'), path.join(outer, 'other.mjs'))
  const deployment = await run(outer)
  for (let i = 0; i < 5; i++) await invoke(deployment)
  expect(deployment.lambda.coldStart.registered).toEqual(['unplugin-otel'])
  expect(deployment.receiver.requests).toHaveLength(5)
  const traces = deployment.receiver.traces()
  expect(traces).toHaveLength(5)
  for (const { roots } of traces) {
    expect(roots).toHaveLength(1)
    expect(roots[0]?.children.map(({ name }) => name).toSorted()).toEqual(['outer', 'span 0', 'span 1', 'span 2'])
  }
})

test('a handler that calls another handler with an event of its own: a child, exported with its parent', async () => {
  const folder = await buildFunction(`
    const { main } = await import(String('./other.mjs'))
    export const handler = async (event: unknown) => main({ n: 7 })
  `)
  const other = await buildFunction(`export const main = async (event: { n: number }) => event.n\n`)
  copyFileSync(path.join(other, 'index.mjs'), path.join(folder, 'other.mjs'))
  const deployment = await run(folder)
  expect((await invoke(deployment)).json()).toBe(7)
  const [{ roots } = { roots: [] }] = deployment.receiver.traces()
  expect(roots).toMatchObject([{ kind: 2, children: [{ kind: 2, attributes: { 'code.function.name': 'main' } }] }])
  expect(deployment.receiver.requests).toHaveLength(1)
})
