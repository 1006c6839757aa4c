/** The collector's side: encodings, refusals, wrong settings, and one that is down. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished, expect, test } from 'vitest'
import { buildFunction, deploy, functions, invoke, run, type Deployment } from './deploy.ts'
import { compareLedger, readLedger, type LedgerComparison } from './harness/ledger.ts'

const work = path.join(functions, 'work.ts')

/** Lines of ours in the function's log. */
function said(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => line.includes('[unplugin-otel]'))
    .map((line) => line.replace(/^.*(?=\[unplugin-otel\])/, ''))
}

test.each(['http/json', 'http/protobuf'] as const)('%s, gzipped from 8 kB', async (protocol) => {
  const deployment = await deploy(work, { otel: { protocol } })
  await invoke(deployment)
  await invoke(deployment, { spans: 100 })
  const [small, large] = deployment.receiver.requests
  expect([small?.encoding, large?.encoding]).toEqual(
    protocol === 'http/json' ? ['json', 'json'] : ['protobuf', 'protobuf'],
  )
  expect([small?.gzip, large?.gzip]).toEqual([false, true])
  expect(compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)).toMatchObject({
    started: 105,
    lost: [],
    duplicated: [],
  })
})

test('headers and resource come from the standard variables, and stay out of the bundle', async () => {
  const deployment = await deploy(work, {
    otel: { serviceVersion: '1.2.3', environment: 'staging' },
    lambda: {
      env: {
        OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=s%20ecret, x-team = a',
        OTEL_RESOURCE_ATTRIBUTES: 'team=checkout',
        OTEL_SERVICE_NAME: 'orders',
      },
    },
  })
  await invoke(deployment)
  const [request] = deployment.receiver.requests
  expect(request?.headers).toMatchObject({ 'x-api-key': 's ecret', 'x-team': 'a' })
  expect(request?.headers['user-agent']).toMatch(/^unplugin-otel\/\d/)
  expect(request?.resource).toMatchObject({
    'service.name': 'orders',
    'telemetry.sdk.language': 'nodejs',
    'service.version': '1.2.3',
    'deployment.environment.name': 'staging',
    team: 'checkout',
    'faas.name': expect.any(String),
    'cloud.platform': 'aws_lambda',
  })
})

test.each([
  { mode: '415', line: /415 to http\/json: set protocol: 'http\/protobuf' in otel\(\)/ },
  { mode: '401', line: /401: check OTEL_EXPORTER_OTLP_HEADERS/ },
  { mode: '404', line: /404: check the path of OTEL_EXPORTER_OTLP_ENDPOINT/ },
] as const)('an answer of $mode is said once, with the remedy', async ({ mode, line }) => {
  const deployment = await deploy(work, { receiver: { mode } })
  for (let i = 0; i < 3; i++) expect((await invoke(deployment)).text).toContain('done')
  expect(said(deployment.lambda.output)).toEqual([expect.stringMatching(line)])
})

test('a 400 that smells of the wrong encoding names the option', async () => {
  const server = createServer((_, response) =>
    response.writeHead(400).end('proto: cannot parse invalid wire-format data'),
  ).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const deployment = await deploy(work, {
    lambda: { env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } },
  })
  await invoke(deployment)
  expect(said(deployment.lambda.output)).toEqual([
    expect.stringContaining("400 to http/json: set protocol: 'http/protobuf'"),
  ])
})

test.each([
  { name: 'no endpoint', env: { OTEL_EXPORTER_OTLP_ENDPOINT: undefined }, line: 'set OTEL_EXPORTER_OTLP_ENDPOINT' },
  { name: 'no scheme', env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, line: 'not an http(s) URL' },
  { name: 'SDK disabled', env: { OTEL_SDK_DISABLED: 'true' }, line: undefined },
])('$name: tracing is off, no extension, said once', async ({ env, line }) => {
  const deployment = await deploy(work, { lambda: { env } })
  expect(deployment.lambda.coldStart.registered).toEqual([])
  for (let i = 0; i < 2; i++) expect((await invoke(deployment)).text).toContain('done')
  expect(said(deployment.lambda.output)).toEqual(line ? [expect.stringContaining(line)] : [])
  expect(readLedger(deployment.ledger)).toEqual([])
})

test.each([
  { env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, line: 'gRPC is not supported' },
  { env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, line: "set protocol: 'http/protobuf' in otel()" },
])('protocol $env.OTEL_EXPORTER_OTLP_PROTOCOL in a JSON bundle is named, and JSON is sent', async ({ env, line }) => {
  const deployment = await deploy(work, { lambda: { env } })
  await invoke(deployment)
  expect(said(deployment.lambda.output)).toEqual([expect.stringContaining(line)])
  expect(deployment.receiver.spans).toHaveLength(4)
})

test('port 4317 is named with the fix', async () => {
  const deployment = await deploy(work, { lambda: { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317' } } })
  await invoke(deployment)
  expect(said(deployment.lambda.output)).toEqual([expect.stringContaining('to the HTTP port, 4318')])
})

test('a collector that never answers costs the budget once, not every time', async () => {
  const deployment = await deploy(work, {
    otel: { flush: { budgetMs: 300, marginMs: 100 } },
    receiver: { mode: 'hang' },
  })
  const busy: number[] = []
  for (let i = 0; i < 8; i++) busy.push((await invoke(deployment)).busyMs)
  // Whoever waits does so for the whole budget; nothing else takes as long.
  expect(busy.filter((ms) => ms > 290)).toHaveLength(1)
  expect(deployment.journal.of('otlp-first-byte')).toHaveLength(1)
  expect(said(deployment.lambda.output)).toEqual([expect.stringContaining('did not answer within 300 ms')])
})

/** The pause is over sooner or later: it is as long as the failures took. */
async function untilDelivered(deployment: Deployment): Promise<LedgerComparison> {
  for (let n = 0; ; n++) {
    await sleep(1000)
    await invoke(deployment)
    const comparison = compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)
    if (comparison.lost.length === 0 || n > 15) return comparison
  }
}

test.each(['refuse', '503', 'cut'] as const)(
  'a collector that fails at once (%s) is left alone for a while, and gets what it missed when it is back',
  async (mode) => {
    const deployment = await deploy(work)
    await deployment.receiver.set({ mode })
    for (let i = 0; i < 5; i++) expect((await invoke(deployment)).busyMs).toBeLessThan(500)
    // The one that failed; 503 allows another attempt, and a socket that was broken is tried anew.
    expect(deployment.receiver.requests.length).toBeLessThanOrEqual(2)
    await deployment.receiver.set({ mode: 'ok' })
    const asked = deployment.receiver.requests.length
    expect(await untilDelivered(deployment)).toMatchObject({ lost: [], duplicated: [] })
    // The oldest by itself, and then all the others.
    const [first, ...rest] = deployment.receiver.requests.slice(asked).map(({ spans }) => spans.length)
    expect(first).toBe(4)
    expect(rest).toHaveLength(1)
  },
)

test.each(['at-once', '30'])(
  'a collector extension that asks for next %s: handed over before the response, nothing lost',
  async (askNext) => {
    const folder = await buildFunction(work)
    const extensions = path.join(folder, 'extensions')
    mkdirSync(extensions)
    writeFileSync(path.join(extensions, 'collector'), '')
    const port = await freePort()
    const deployment = await run(folder, {
      lambda: {
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${port}`, UNPLUGIN_OTEL_EXTENSIONS_DIR: extensions },
      },
      forwarder: { port, askNext },
    })
    expect(deployment.lambda.coldStart.registered).toEqual(['collector'])
    for (let i = 0; i < 20; i++) await invoke(deployment)
    await deployment.lambda.stop()
    expect(compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)).toMatchObject({
      started: 80,
      lost: [],
      duplicated: [],
    })
  },
)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test.each(['allow', 'refuse'] as const)(
  'a collector that never answers does not cost the invocation its deadline (registration: %s)',
  async (registration) => {
    const deployment = await deploy(work, {
      otel: { flush: { budgetMs: 10_000, marginMs: 200 } },
      receiver: { mode: 'hang' },
      lambda: { registration, timeoutMs: 1000 },
    })
    for (let i = 0; i < 2; i++) {
      expect(await invoke(deployment)).toMatchObject({ ok: true, timedOut: false })
    }
    expect(deployment.journal.of('reset')).toEqual([])
  },
)

test('headers that Node refuses to send are said, and the handler does not notice', async () => {
  const deployment = await deploy(work, { lambda: { env: { OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=a%0Ab' } } })
  for (let i = 0; i < 2; i++) expect((await invoke(deployment)).text).toContain('done')
  expect(said(deployment.lambda.output)).toEqual([expect.stringContaining('is not reached')])
  expect(deployment.lambda.output).not.toContain('a\nb')
})

test.each(['503', 'refuse'] as const)(
  '%s and back again while the flush is awaited: the process lives on',
  async (mode) => {
    const deployment = await deploy(work, { lambda: { registration: 'refuse' }, receiver: { delayMs: 20 } })
    for (const next of ['ok', mode, 'ok', 'ok', mode, 'ok'] as const) {
      await deployment.receiver.set({ mode: next })
      expect(await invoke(deployment)).toMatchObject({ ok: true })
    }
    expect(await untilDelivered(deployment)).toMatchObject({ lost: [], duplicated: [] })
  },
)

test('a deadline shorter than the budget opens the breaker as well', async () => {
  const deployment = await deploy(work, { receiver: { mode: 'hang' }, lambda: { timeoutMs: 1500 } })
  const busy: number[] = []
  for (let i = 0; i < 4; i++) busy.push((await invoke(deployment)).busyMs)
  expect(busy.filter((ms) => ms > 780)).toHaveLength(1)
})

test('secrets in wrong settings are not printed', async () => {
  const logger = `
    import { diag, DiagConsoleLogger, DiagLogLevel } from '@opentelemetry/api'
    diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.ALL)
    export const handler = async () => 'ok'
  `
  for (const env of [
    { OTEL_EXPORTER_OTLP_HEADERS: 'Authorization: Basic U0VDUkVU=' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:U0VDUkVU@bad host:4318' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:U0VDUkVU@127.0.0.1:1' },
  ]) {
    const deployment = await deploy(logger, { lambda: { env } })
    expect((await invoke(deployment)).json()).toBe('ok')
    const lines = said(deployment.lambda.output).filter((line) => !line.endsWith('spans dropped: headers'))
    expect(lines).toHaveLength(1)
    expect(deployment.lambda.output).not.toContain('U0VDUkVU')
  }
})

test('a slow collector that is quick again is waited for again, and gets what it missed', async () => {
  const deployment = await deploy(work, {
    otel: { flush: { budgetMs: 200, marginMs: 100 } },
    receiver: { delayMs: 400 },
  })
  for (let i = 0; i < 3; i++) await invoke(deployment)
  await deployment.receiver.set({ delayMs: 20 })
  // The answers of the slow ones are read while these run; a quick one closes the breaker.
  for (let i = 0; i < 6; i++) await invoke(deployment, { sleepMs: 100 })
  await deployment.receiver.waitForSpans(36)
  await new Promise((resolve) => setTimeout(resolve, 50)) // an answer that nobody waits for comes now
  const types = deployment.journal.entries.map(({ type }) => type)
  expect(types.lastIndexOf('extension-next')).toBeGreaterThan(types.lastIndexOf('otlp-answered'))
  const { started, lost, duplicated } = compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)
  expect({ started, lost, duplicated }).toEqual({ started: 36, lost: [], duplicated: [] })
})
