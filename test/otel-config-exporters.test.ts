/** Processors and exporters of `otel.config.ts`, of both lines of the SDK: nothing lost in freezes, nobody kept waiting. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deploy, expectAfterResponse, invoke, type Deployment, type DeployOptions } from './deploy.ts'
import { startReceiver, type Receiver } from './harness/otlp-receiver.ts'

const projects = path.join(import.meta.dirname, 'projects')
const HANDLER = `
import { trace } from '@opentelemetry/api'
export const handler = async (event) => {
  trace.getTracer('app').startActiveSpan('child', (span) => span.end())
  return 'hello ' + event.name
}
`
const REQUIRE = `import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);`
const CYCLES = 5

/** Version, the project that has it, and how a processor for the second collector is made there. */
const LINES: readonly (readonly [string, string, string])[] = [
  [
    '3.x',
    'node-sdk',
    `
    import { BatchSpanProcessor } from '@opentelemetry/sdk-trace'
    import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
    export const createExporter = () => new OTLPTraceExporter({ url: process.env.SECOND + '/v1/traces' })
    const createProcessor = () => new BatchSpanProcessor({ exporter: createExporter() })`,
  ],
  [
    '2.x',
    'peers',
    `
    import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-node'
    import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
    export const createExporter = () => new OTLPTraceExporter({ url: process.env.SECOND + '/v1/traces' })
    const createProcessor = () => new BatchSpanProcessor(createExporter())`,
  ],
]

async function deployWith(config: string, options: DeployOptions = {}): Promise<Deployment & { second: Receiver }> {
  const second = await startReceiver()
  onTestFinished(() => second.stop())
  const env = { SECOND: second.url, ...options.lambda?.env }
  const deployment = await deploy(HANDLER, {
    otel: { platform: 'aws-lambda' },
    ...options,
    config,
    esbuild: options.format === 'cjs' ? {} : { banner: { js: REQUIRE } },
    lambda: { ...options.lambda, env },
  })
  return { ...deployment, second }
}

async function invokeAll(deployment: Deployment, cycles = CYCLES): Promise<void> {
  for (let n = 0; n < cycles; n++) {
    expect((await invoke(deployment, { name: `no. ${n}` })).text).toBe(`"hello no. ${n}"`)
  }
}

const idsOf = ({ spans }: Receiver) => spans.map(({ spanId }) => spanId).toSorted()

test.each(
  LINES.flatMap(([line, project, imports]) =>
    (['esm', 'cjs'] as const).map((format) => [line, format, project, imports] as const),
  ),
)('%s, %s: BatchSpanProcessor with an OTLP exporter beside ours', async (_, format, project, imports) => {
  const config = `${imports}\nexport default { spanProcessors: [createProcessor()] }`
  const deployment = await deployWith(config, { project: path.join(projects, project), format })
  await invokeAll(deployment)
  expect(deployment.receiver.spans).toHaveLength(CYCLES * 2)
  expect(idsOf(deployment.second)).toEqual(idsOf(deployment.receiver))
  expect(deployment.second.spans[0]!.resource).toMatchObject({ 'telemetry.distro.name': 'unplugin-otel' })
  // Not traced themselves, and nobody waits for either.
  expectAfterResponse(deployment)
  expect(deployment.lambda.output).not.toContain('UO2')
})

/** As Azure Monitor's is: no `forceFlush`, and its answer comes by the callback. */
const AZURE = `
import { appendFileSync } from 'node:fs'
class MonitorExporter {
  export(spans, resultCallback) {
    setTimeout(() => {
      appendFileSync(process.env.MONITOR, spans.map(({ spanContext }, n) => spans[n].spanContext().spanId + '\\n').join(''))
      resultCallback({ code: 0 })
    }, 50)
  }
  async shutdown() {}
}`

function createMonitor(): { file: string; ids(): string[] } {
  const folder = mkdtempSync(path.join(tmpdir(), 'monitor-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'ids.txt')
  return {
    file,
    ids: () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).toSorted() : []),
  }
}

test.each(LINES)('%s: two exporters at once, beside ours', async (_, project, imports) => {
  const monitor = createMonitor()
  const config = `${imports}\n${AZURE}\nexport default { exporters: [createExporter(), new MonitorExporter()] }`
  const lambda = { env: { MONITOR: monitor.file } }
  const deployment = await deployWith(config, { project: path.join(projects, project), lambda })
  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    await invokeAll(deployment, 1)
    // Before the environment is frozen.
    expect(monitor.ids()).toHaveLength(cycle * 2)
    expect(idsOf(deployment.second)).toHaveLength(cycle * 2)
  }
  expect(monitor.ids()).toEqual(idsOf(deployment.receiver))
  expect(idsOf(deployment.second)).toEqual(idsOf(deployment.receiver))
})

test.each(['exporters', 'spanProcessors'])('no endpoint: %s alone, after the response', async (key) => {
  const monitor = createMonitor()
  const config =
    key === 'exporters'
      ? `${AZURE}\nexport default { exporters: new MonitorExporter() }`
      : `${AZURE}
        const exporter = new MonitorExporter()
        let spans = []
        const flush = async () => new Promise((resolve) => exporter.export(spans.splice(0), resolve))
        export default { spanProcessors: { onStart() {}, onEnd: (span) => spans.push(span), forceFlush: flush } }`
  const env = { MONITOR: monitor.file, OTEL_EXPORTER_OTLP_ENDPOINT: '' }
  const deployment = await deployWith(config, { lambda: { env } })
  await invokeAll(deployment)
  expect(monitor.ids()).toHaveLength(CYCLES * 2)
  expect(deployment.receiver.requests).toEqual([])
  expect(deployment.lambda.coldStart.registered).toEqual(['unplugin-otel'])
  expect(deployment.lambda.output).not.toContain('UO2')
})

test('one that hangs, throws, fails or rejects: said once, and the others go on', async () => {
  const monitor = createMonitor()
  const config = `${AZURE}
    const hanging = { export() {}, forceFlush: () => new Promise(() => {}) }
    const failing = { export: (_, done) => done({ code: 1, error: new Error('quota') }) }
    const throwing = { export() { throw new Error('export threw') } }
    const rejecting = { onStart() { throw new Error('start threw') }, onEnd() { throw new Error() }, forceFlush: async () => { throw new Error('no') } }
    const never = { onStart() {}, onEnd() {}, forceFlush: () => new Promise(() => {}) }
    export default {
      exporters: [hanging, failing, throwing, new MonitorExporter()],
      spanProcessors: [rejecting, never, {}],
    }`
  const lambda = { env: { MONITOR: monitor.file } }
  const deployment = await deployWith(config, { lambda, otel: { flush: { budgetMs: 300 } } })
  await invokeAll(deployment)
  expect(monitor.ids()).toEqual(idsOf(deployment.receiver))
  expect(monitor.ids()).toHaveLength(CYCLES * 2)
  expectAfterResponse(deployment)
  const said = Array.from(deployment.lambda.output.matchAll(/(\w+) of otel\.config\.ts failed/g), ([, key]) => key)
  expect(said.toSorted()).toEqual(['exporters', 'spanProcessors'])
})
