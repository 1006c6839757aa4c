/** The command in this process, with streams that are read. */
import { PassThrough } from 'node:stream'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { expect, onTestFinished, test } from 'vitest'
import { dev } from '../../src/cli/dev.ts'
import { exampleSpans } from '../harness/example-spans.ts'
import { oneSpan, PROTOBUF_TYPE, send } from './send.ts'

function start(...args: string[]) {
  const io = { stdout: new PassThrough(), stderr: new PassThrough() }
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) io[name].on('data', (chunk) => (printed[name] += chunk))
  const ended = dev(args, { ...io, color: false, stop: stop.signal })
  return { ...io, printed, ended, stop: () => stop.abort() }
}

async function urlOf(printed: { stdout: string; stderr: string }, stream: 'stdout' | 'stderr' = 'stdout') {
  await expect.poll(() => printed[stream]).toContain('\n')
  const [line] = printed[stream].split('\n')
  const url = /on (http:\/\/127\.0\.0\.1:\d+), /.exec(line!)![1]
  expect(line).toBe(`[unplugin-otel] listening on ${url}, set OTEL_EXPORTER_OTLP_ENDPOINT=${url}`)
  return `${url}/v1/traces`
}

test('traces are printed as trees, what waits when it is stopped too', async () => {
  const { printed, ended, stop } = start('--port', '0')
  const url = await urlOf(printed)
  await send(url, ProtobufTraceSerializer.serializeRequest(exampleSpans())!, PROTOBUF_TYPE)
  await expect.poll(() => printed.stdout).toMatch(/\nroot .*2\.00 s\n└ child .* error\n {4}broken\n/)
  await send(url, oneSpan({ name: 'waiting' }))
  stop()
  await ended
  expect(printed.stdout).toMatch(/\nwaiting .*0\.0 ms\n$/)
  expect(printed.stderr).toBe('')
  await expect(send(url, oneSpan())).rejects.toThrow('ECONNREFUSED')
})

test('--json: a line for each span as it comes, and nothing else', async () => {
  const { printed, ended, stop } = start('--json', '--port=0')
  const url = await urlOf(printed, 'stderr')
  await send(url, JsonTraceSerializer.serializeRequest(exampleSpans())!)
  const values = [{ bytesValue: 'AQI=' }, { doubleValue: 'NaN' }, { stringValue: '\u001B[2J\u009B\u2028' }]
  await send(url, oneSpan({ attributes: values.map((value, n) => ({ key: String(n), value })) }))
  stop()
  await ended
  const lines = printed.stdout.trimEnd().split('\n')
  // oxlint-disable-next-line no-control-regex
  expect(printed.stdout).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028]/)
  const spans = lines.map((line) => JSON.parse(line))
  expect(spans.map((span) => span.name)).toEqual(['child', 'root', 'elsewhere', 'one'])
  expect(spans[0]).toMatchObject({
    traceId: spans[1].traceId,
    parentSpanId: spans[1].spanId,
    kind: 3,
    startMs: 1_700_000_000_000.25,
    endMs: 1_700_000_001_000,
    attributes: { list: ['a', 'b'], whole: -7 },
    status: { code: 2, message: 'broken' },
    events: [{ name: 'thing', attributes: { n: 1 } }],
    links: [{ spanId: '2'.repeat(16) }],
    scope: { name: 'scope', version: '1.2.3' },
    resource: { 'service.name': 'shop' },
  })
  expect(spans[3].attributes).toEqual({ 0: 'AQI=', 1: 'NaN', 2: '\u001B[2J\u009B\u2028' })
})

test('what is refused is said once, without the query, which may be a key', async () => {
  const { printed } = start('--port', '0')
  const metrics = (await urlOf(printed)).replace('traces', 'metrics')
  await send(`${metrics}?api_key=k3y`)
  await send(metrics)
  expect(printed.stderr).toBe('[unplugin-otel] POST /v1/metrics was answered 404\nonly /v1/traces is received here\n')
})

test('what a reader does not take is dropped beyond 32 MB, and that is said once', async () => {
  const { printed, stdout } = start('--port', '0', '--json')
  const url = await urlOf(printed, 'stderr')
  stdout.pause()
  const large = oneSpan({ name: 'x'.repeat(12_000_000) })
  for (let i = 0; i < 5; i++) expect((await send(url, large)).status).toBe(200)
  expect(printed.stderr.split('\n').slice(1)).toEqual([
    '[unplugin-otel] lines are dropped',
    'Whatever reads the output does not keep up.',
    '',
  ])
})

test('it ends when nobody reads its output', async () => {
  const { printed, ended, stdout } = start('--port', '0')
  await urlOf(printed)
  stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  await ended
})

test('a taken port, and ports that are none', async () => {
  const { printed } = start('--port', '0')
  const { port } = new URL(await urlOf(printed))
  await expect(start('--port', port).ended).rejects.toThrow(
    `[unplugin-otel] port ${port} is taken by another program\nChoose another port, for example: unplugin-otel dev --port 0`,
  )
  for (const wrong of ['x', '65536', '-1', '1.5', '1e3', '']) {
    await expect(start('--port', wrong).ended).rejects.toThrow(
      `[unplugin-otel] --port is '${wrong}'\nGive a number from 0 to 65535; 0 takes any free port.`,
    )
  }
})

test.each([
  [['--prot', '1'], "unknown option 'prot'\nDid you mean '--port'?"],
  [['--jsn'], "unknown option 'jsn'\nDid you mean '--json'?"],
  [['--verbose'], "unknown option 'verbose'\nSee unplugin-otel dev --help."],
  [['--toString'], "unknown option 'toString'\nSee unplugin-otel dev --help."],
  [['--json=yes'], "--json takes no value, it is 'yes'\nSee unplugin-otel dev --help."],
  [['--port'], '--port has no value\nSee unplugin-otel dev --help.'],
  [['4318'], "unknown argument '4318'\nSee unplugin-otel dev --help."],
])('%j', async (args, message) => {
  await expect(start(...args).ended).rejects.toThrow(`[unplugin-otel] ${message}`)
})

test('--help', async () => {
  const { ended, printed } = start('--help')
  await ended
  await expect
    .poll(() => printed.stdout)
    .toMatch(/^Usage: unplugin-otel dev [^]*--port[^]*--json[^]*OTEL_EXPORTER_OTLP_ENDPOINT/)
})
