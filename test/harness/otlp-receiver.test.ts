import { Agent } from 'node:http'
import { gzipSync } from 'node:zlib'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { expect, onTestFinished, test } from 'vitest'
import { exampleSpans } from './example-spans.ts'
import { createJournal } from './journal.ts'
import { startReceiver } from './otlp-receiver.ts'
import { sendRequest } from './otlp-sender.ts'
import type { ReceiverChanges } from './otlp-receiver.ts'

const JSON_TYPE = 'application/json'
const PROTOBUF_TYPE = 'application/x-protobuf'

test('JSON, protobuf and gzip give the same spans', async () => {
  const { receiver, post } = await started()
  const spans = exampleSpans()
  const json = JsonTraceSerializer.serializeRequest(spans)!
  const protobuf = ProtobufTraceSerializer.serializeRequest(spans)!
  expect(await post(json, JSON_TYPE)).toMatchObject({ status: 200, text: '{}' })
  expect(await post(protobuf, PROTOBUF_TYPE)).toMatchObject({ status: 200, text: '' })
  expect((await post(gzipSync(json), JSON_TYPE, 'gzip')).status).toBe(200)
  expect((await post(gzipSync(protobuf), PROTOBUF_TYPE, 'gzip')).status).toBe(200)

  const [first, ...others] = receiver.requests.map((received) => received.spans)
  for (const other of others) expect(other).toEqual(first)
  expect(receiver.requests).toMatchObject([
    { encoding: 'json', gzip: false, bytes: json.length, resource: { 'service.name': 'shop' } },
    { encoding: 'protobuf', gzip: false, bytes: protobuf.length, status: 200 },
    { encoding: 'json', gzip: true },
    { encoding: 'protobuf', gzip: true },
  ])

  const child = first!.find((span) => span.name === 'child')!
  const root = first!.find((span) => span.name === 'root')!
  expect(child).toMatchObject({
    traceId: root.traceId,
    parentSpanId: root.spanId,
    kind: 3,
    startMs: 1_700_000_000_000.25,
    endMs: 1_700_000_001_000,
    attributes: { text: 'ä', whole: -7, real: 0.5, yes: true, list: ['a', 'b'], numbers: [1, 2.5] },
    status: { code: 2, message: 'broken' },
    events: [{ name: 'thing', timeMs: 1_700_000_000_500, attributes: { n: 1 } }],
    links: [
      {
        traceId: '1'.repeat(32),
        spanId: '2'.repeat(16),
        traceState: 'k=v',
        attributes: { l: 'x' },
      },
    ],
    scope: { name: 'scope', version: '1.2.3' },
    resource: { 'service.name': 'shop' },
  })
  expect(root).not.toHaveProperty('parentSpanId')
  expect(root.status).toEqual({ code: 0 })
})

test('traces are trees sorted by start time; a lost parent makes a root', async () => {
  const { receiver, post } = await started()
  await post(otlp(['late', 3, 1], ['early', 2, 1], ['root', 1], ['orphan', 9, 8]), JSON_TYPE)
  const [only] = receiver.traces()
  expect(receiver.traces()).toHaveLength(1)
  expect(only!.roots.map((root) => root.name)).toEqual(['root', 'orphan'])
  expect(only!.roots[0]!.children.map((child) => child.name)).toEqual(['early', 'late'])
})

test('what is malformed gets 400, and the receiver stays up', async () => {
  const { receiver, post } = await started()
  const protobuf = ProtobufTraceSerializer.serializeRequest(exampleSpans())!
  const bodies: [body: Uint8Array | string, type: string, encoding?: string][] = [
    ['{', JSON_TYPE],
    ['null', JSON_TYPE],
    ['{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"AAAA","spanId":"BBBB"}]}]}]}', JSON_TYPE],
    [protobuf.subarray(0, protobuf.length - 3), PROTOBUF_TYPE],
    [Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), PROTOBUF_TYPE],
    ['not gzip', JSON_TYPE, 'gzip'],
  ]
  for (const [body, type, encoding] of bodies) {
    expect((await post(body, type, encoding)).status).toBe(400)
  }
  expect((await post('{}', 'text/plain')).status).toBe(415)
  expect(receiver.spans).toEqual([])
  expect((await post(otlp(['fine', 1]), JSON_TYPE)).status).toBe(200)
  expect(receiver.spans).toHaveLength(1)
})

test('modes', async () => {
  const { receiver, post } = await started()
  for (const mode of ['503', '429', '415', '400', '500'] as const) {
    await receiver.set({ mode, retryAfter: '2' })
    const answer = await post(otlp([mode, 1]), JSON_TYPE)
    expect(answer.status).toBe(Number(mode))
    expect(answer.retryAfter).toBe(mode === '503' || mode === '429' ? '2' : undefined)
  }
  expect(receiver.spans).toEqual([])
  expect(receiver.requests[0]!.spans[0]!.name).toBe('503')

  await receiver.set({ mode: 'cut' })
  await expect(post(otlp(['cut', 1]), JSON_TYPE)).rejects.toThrow('socket hang up')
  await receiver.set({ mode: 'hang' })
  const hanging = post(otlp(['hanging', 1]), JSON_TYPE, undefined, 100)
  await expect(hanging).rejects.toThrow('aborted')

  await receiver.set({ mode: 'refuse' })
  await expect(post(otlp(['refused', 1]), JSON_TYPE)).rejects.toThrow('ECONNREFUSED')
  await receiver.set({ mode: 'ok', delayMs: 80 })
  const before = performance.now()
  expect((await post(otlp(['ok', 1]), JSON_TYPE)).status).toBe(200)
  expect(performance.now() - before).toBeGreaterThan(75)
  expect(receiver.spans.map((span) => span.name)).toEqual(['ok'])
  receiver.reset()
  expect(receiver.requests).toEqual([])
})

test('idle sockets can be dropped; a busy one is left alone', async () => {
  const { receiver, post } = await started({ delayMs: 60 })
  const agent = new Agent({ keepAlive: true })
  await post(otlp(['a', 1]), JSON_TYPE, undefined, undefined, agent)
  const [socket] = Object.values(agent.freeSockets).flat()
  const closed = new Promise((resolve) => socket!.once('close', resolve))
  const busy = post(otlp(['b', 2]), JSON_TYPE)
  await receiver.waitForSpans(2)
  receiver.dropIdleSockets()
  await closed
  expect((await busy).status).toBe(200)
})

test('waiting for spans, and the journal', async () => {
  const journal = createJournal()
  const { receiver, post } = await started({ journal })
  const waiting = receiver.waitForSpans(2)
  await post(otlp(['a', 1]), JSON_TYPE)
  await post(otlp(['b', 2]), JSON_TYPE)
  expect((await waiting).map((span) => span.name)).toEqual(['a', 'b'])
  await expect(receiver.waitForSpans(3, 20)).rejects.toThrow('2 of 3 spans after 20 ms: a, b')
  expect(journal.of('otlp-first-byte')).toHaveLength(2)
  expect(journal.of('otlp-answered')[0]).toMatchObject({ status: 200, spans: 1 })
})

async function started(options: Parameters<typeof startReceiver>[0] & ReceiverChanges = {}) {
  const receiver = await startReceiver(options)
  onTestFinished(() => receiver.stop())
  async function post(
    body: Uint8Array | string,
    type: string,
    encoding?: string,
    timeoutMs?: number,
    agent: Agent | false = false,
  ): Promise<{ status: number; text: string; retryAfter: string | undefined }> {
    const sent = { body, type, encoding, timeoutMs, agent }
    const { status, headers, body: text } = await sendRequest(`${receiver.url}/v1/traces`, sent)
    return { status, text, retryAfter: headers['retry-after'] }
  }
  return { receiver, post }
}

/** Name, number that makes the span id and the start time, and the parent's number. */
function otlp(...spans: [name: string, n: number, parent?: number][]): string {
  return JSON.stringify({
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: spans.map(([name, n, parent]) => ({
              traceId: 'a'.repeat(32),
              spanId: spanId(n),
              parentSpanId: parent && spanId(parent),
              name,
              startTimeUnixNano: `${n}000000`,
            })),
          },
        ],
      },
    ],
  })
}

function spanId(n: number): string {
  return String(n).padStart(16, '0')
}
