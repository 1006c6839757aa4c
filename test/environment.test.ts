/** What the variables of a deployed function say, and what the build knows: as a collector gets it. */
import { hostname } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deployWorker } from './deploy-worker.ts'
import { buildFunction, deploy, functions, invoke } from './deploy.ts'
import { startNodeServer } from './harness/node-server.ts'
import { startReceiver } from './harness/otlp-receiver.ts'

const OWN = /^\d+\.\d+\.\d+\S*\+[\da-f]{7}$/

test('the version on Lambda: the build’s, the variable’s, the resource’s, the option’s', async () => {
  const versionOf = async (env: Record<string, string>, otel = {}) => {
    const deployment = await deploy(path.join(functions, 'work.ts'), { otel, lambda: { env } })
    await invoke(deployment)
    return deployment.receiver.spans[0]!.resource['service.version']
  }
  const variables = { SERVICE_VERSION: 'of the variable' }
  const resource = { ...variables, OTEL_RESOURCE_ATTRIBUTES: 'service.version=of%20the%20resource' }
  expect(await versionOf({})).toMatch(OWN)
  expect(await versionOf(variables)).toBe('of the variable')
  expect(await versionOf(resource)).toBe('of the resource')
  expect(await versionOf(resource, { serviceVersion: '1' })).toBe('1')
})

const LIMITED = `
import { trace } from '@opentelemetry/api'
export async function work() {
  const span = trace.getTracer('user').startSpan('limited', { links: Array.from({ length: 5 }, (_, n) => ({
    context: { traceId: 'a'.repeat(32), spanId: String(n + 1).padStart(16, '0'), traceFlags: 1 } })) })
  for (let n = 0; n < 5; n++) {
    span.setAttribute('key' + n, 'x'.repeat(100))
    span.addEvent('event ' + n)
  }
  span.end()
  return new Response('ok')
}
`
const LIMITS = {
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '4',
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '50',
  OTEL_SPAN_EVENT_COUNT_LIMIT: '2',
  OTEL_SPAN_LINK_COUNT_LIMIT: '0',
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1',
  OTEL_BSP_MAX_QUEUE_SIZE: 'many',
}

test.each(['Lambda', 'workerd'] as const)('limits on %s', async (platform) => {
  const run = async () => {
    if (platform === 'Lambda') {
      const source = `${LIMITED}export const handler = async () => { await work(); return {} }\n`
      const deployment = await deploy(source, { lambda: { env: LIMITS } })
      await invoke(deployment)
      return deployment.receiver
    }
    const { worker, receiver } = await deployWorker(`${LIMITED}export default { fetch: work }\n`, { vars: LIMITS })
    await worker.fetch('/')
    await worker.settled()
    return receiver
  }
  const { spans, requests } = await run()
  const limited = spans.find(({ name }) => name === 'limited')!
  expect(limited.attributes).toEqual({
    ...Object.fromEntries([0, 1, 2, 3].map((n) => [`key${n}`, 'x'.repeat(50)])),
    'unplugin_otel.truncated_attributes': 4,
  })
  expect(limited.events.map(({ name }) => name)).toEqual(['event 3', 'event 4'])
  expect(limited.links).toEqual([])
  expect(requests.map(({ spans }) => spans.length)).toEqual([1, 1])
})

test('switched off, a handler gets and gives the same, and no span is made', async () => {
  const source = `
    import { trace } from '@opentelemetry/api'
    export const handler = async (event) => ({ event, isRecording: trace.getActiveSpan()?.isRecording() ?? false })\n`
  for (const env of [{ OTEL_SDK_DISABLED: 'TRUE' }, { OTEL_TRACES_EXPORTER: 'none' }]) {
    const deployment = await deploy(source, { lambda: { env } })
    const { body } = await invoke(deployment, { a: 1 })
    expect(JSON.parse(String(body))).toEqual({ event: { a: 1 }, isRecording: false })
    expect(deployment.receiver.attempts).toBe(0)
  }
})

test.each([
  { propagators: ['b3', 'xray'], headers: ['b3', 'x-amzn-trace-id'] },
  { propagators: ['none'], headers: [] },
])('the headers of $propagators', async ({ propagators, headers }) => {
  const source = `
    import { context, propagation } from '@opentelemetry/api'
    export const handler = async () => {
      const headers = {}
      propagation.inject(context.active(), headers)
      return headers
    }\n`
  const otel = { propagators: propagators as never, libraries: false as const }
  const deployment = await deploy(source, { otel })
  const [b3, xray, w3c] = ['a', 'b', 'c'].map((digit) => digit.repeat(32)) as [string, string, string]
  const span = '1'.repeat(16)
  const http = { httpMethod: 'GET', path: '/' }
  const both = {
    b3: `${b3}-${span}-1`,
    'X-Amzn-Trace-Id': `Root=1-${xray.slice(0, 8)}-${xray.slice(8)};Parent=${span};Sampled=1`,
  }
  const sent: object[] = []
  for (const given of [both, { 'X-Amzn-Trace-Id': both['X-Amzn-Trace-Id'] }, { traceparent: `00-${w3c}-${span}-01` }]) {
    const { body } = await invoke(deployment, { ...http, headers: given })
    sent.push(Object.keys(JSON.parse(String(body))))
  }
  expect(sent).toEqual([headers, headers, headers])
  const ids = deployment.receiver.spans.map(({ traceId }) => traceId)
  if (headers.length > 0) expect(ids.slice(0, 2)).toEqual([b3, xray])
  for (const id of headers.length > 0 ? [w3c] : [b3, xray, w3c]) expect(ids).not.toContain(id)
})

test('each process of a server is an instance of its own', async () => {
  const source = `
    import { createServer } from 'node:http'
    import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
    listen(createServer((_request, response) => response.end('ok')))\n`
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const file = path.join(await buildFunction(source, { otel: { platform: 'node-server' } }), 'index.mjs')
  const pids: number[] = []
  for (const times of [2, 1]) {
    const server = await startNodeServer(file, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
    pids.push(server.pid)
    for (let n = 0; n < times; n++) await (await fetch(server.url)).text()
    await server.signal('SIGTERM')
  }
  const resources = receiver.spans.map(({ resource }) => resource)
  expect(resources.map((each) => each['process.pid'])).toEqual([pids[0], pids[0], pids[1]])
  expect(resources.map((each) => each['host.name'])).toEqual([hostname(), hostname(), hostname()])
  const [first, same, other] = resources.map((each) => String(each['service.instance.id']))
  expect(first).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/)
  expect(same).toBe(first)
  expect(other).not.toBe(first)
})
