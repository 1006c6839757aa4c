import { request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { expect, onTestFinished, test } from 'vitest'
import { startReceiver } from '../../src/cli/receiver.ts'
import { exampleSpans } from '../harness/example-spans.ts'
import { GZIP, JSON_TYPE, oneSpan, PROTOBUF_TYPE, send } from './send.ts'
import type { ReceivedSpan } from '../../src/cli/otlp-span.ts'

const LIMIT = 16 * 1024 * 1024

async function started(options: { requestTimeoutMs?: number } = {}) {
  const requests: ReceivedSpan[][] = []
  const refusals: string[] = []
  const receiver = await startReceiver({
    port: 0,
    onSpans: (spans) => requests.push(spans),
    onRefusal: ({ status, message }) => refusals.push(`${status} ${message}`),
    ...options,
  })
  onTestFinished(() => receiver.close())
  return { requests, refusals, url: `${receiver.url}/v1/traces`, base: receiver.url }
}

test('JSON and protobuf, plain and gzip: the same spans, answered in the encoding of the request', async () => {
  const { requests, url } = await started()
  const spans = exampleSpans()
  const json = JsonTraceSerializer.serializeRequest(spans)!
  const protobuf = ProtobufTraceSerializer.serializeRequest(spans)!
  for (const headers of [{}, GZIP]) {
    const pack = (bytes: Uint8Array) => (headers === GZIP ? gzipSync(bytes) : bytes)
    const charset = { 'content-type': 'Application/JSON; charset=utf-8' }
    expect(await send(url, pack(json), { ...charset, ...headers })).toMatchObject({
      status: 200,
      text: '{}',
      headers: { 'content-type': 'application/json' },
    })
    expect(await send(url, pack(protobuf), { ...PROTOBUF_TYPE, ...headers })).toMatchObject({
      status: 200,
      text: '',
      headers: { 'content-type': 'application/x-protobuf', 'content-length': '0' },
    })
  }
  expect(requests).toHaveLength(4)
  for (const received of requests) expect(received).toEqual(requests[0])
  expect(requests[0]!.map((span) => span.name)).toEqual(expect.arrayContaining(['root', 'child', 'elsewhere']))
})

test('what is malformed gets 400 with a google.rpc.Status in its encoding, and the receiver stays up', async () => {
  const { requests, url } = await started()
  const protobuf = ProtobufTraceSerializer.serializeRequest(exampleSpans())!
  for (const [body, headers] of [
    ['{', JSON_TYPE],
    ['', JSON_TYPE],
    ['null', JSON_TYPE],
    ['[]', JSON_TYPE],
    [oneSpan({ traceId: 'AAAA' }), JSON_TYPE],
    ['not gzip', { ...JSON_TYPE, ...GZIP }],
    [gzipSync(oneSpan()).subarray(0, -9), { ...JSON_TYPE, ...GZIP }],
  ] as const) {
    const answer = await send(url, body, headers)
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'application/json' } })
    expect(JSON.parse(answer.text)).toEqual({ message: expect.stringMatching(/^(not an Export|the body is not gzip)/) })
  }
  for (const body of [protobuf.subarray(0, -3), Buffer.alloc(11, 0xff), gzipSync(protobuf)]) {
    const answer = await send(url, body, PROTOBUF_TYPE)
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'application/x-protobuf' } })
    const [tag, low, high, ...message] = answer.bytes
    expect(tag).toBe(0x12) // Status.message
    expect(message).toHaveLength((low! & 0x7f) + (high! << 7))
    expect(Buffer.from(message).toString()).toMatch(/^not an ExportTraceServiceRequest: protobuf: /)
  }
  expect(requests).toEqual([])
  expect((await send(url, oneSpan())).status).toBe(200)
})

test('16 MB a body, as sent and after gunzip', async () => {
  const { url, requests, refusals } = await started()
  const exactly = (bytes: number) => oneSpan().padEnd(bytes)
  expect((await send(url, exactly(LIMIT))).status).toBe(200)
  expect((await send(url, gzipSync(exactly(LIMIT)), { ...JSON_TYPE, ...GZIP })).status).toBe(200)
  expect(requests).toHaveLength(2)

  expect(await send(url, exactly(LIMIT + 1))).toMatchObject({
    status: 413,
    text: '{"message":"the body is larger than 16 MB"}',
  })
  const chunked = { ...JSON_TYPE, 'transfer-encoding': 'chunked' }
  expect((await send(url, exactly(LIMIT + 1), chunked)).status).toBe(413)
  const bomb = gzipSync(Buffer.alloc(20 * LIMIT), { level: 1 })
  expect((await send(url, bomb, { ...JSON_TYPE, ...GZIP })).status).toBe(413)
  expect(requests).toHaveLength(2)
  expect(new Set(refusals)).toEqual(new Set(['413 the body is larger than 16 MB']))
})

test('64 MB for all bodies that are being received; then 503, which exporters retry', async () => {
  const { url } = await started()
  const slow = Array.from({ length: 4 }, () => request(url, { method: 'POST', headers: JSON_TYPE, agent: false }))
  for (const one of slow) one.on('error', () => {}).write(Buffer.alloc(LIMIT))
  await expect.poll(async () => (await send(url, oneSpan())).status).toBe(503)
  expect((await send(url, oneSpan())).headers).toMatchObject({ 'retry-after': '1' })
  for (const one of slow) one.destroy()
  await expect.poll(async () => (await send(url, oneSpan())).status).toBe(200)
})

test('other types, methods and paths', async () => {
  const { base, url } = await started()
  expect((await send(url, '', { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await send(url, oneSpan(), { ...JSON_TYPE, 'content-encoding': 'br' })).status).toBe(415)
  expect(await send(url, '', { method: 'GET' })).toMatchObject({
    status: 405,
    headers: { allow: 'POST, OPTIONS', 'content-type': 'text/plain; charset=utf-8' },
  })
  for (const path of ['/v1/metrics', '/v1/logs', '/', '/v1/traces/']) {
    const answer = await send(base + path, '{}')
    expect(answer).toMatchObject({ status: 404, text: '{"message":"only /v1/traces is received here"}' })
  }
  expect((await send(`${url}?key=1`, oneSpan())).status).toBe(200)
})

test('a foreign host or origin gets 403, a page on loopback its CORS headers', async () => {
  const { url, requests } = await started()
  for (const host of ['attacker.example', 'attacker.example:4318', '127.0.0.1.nip.io', 'localhost.attacker.example']) {
    expect((await send(url, oneSpan(), { ...JSON_TYPE, host })).status).toBe(403)
  }
  for (const origin of ['https://attacker.example', 'null', 'http://localhost.attacker.example', 'file://localhost']) {
    const answer = await send(url, oneSpan(), { ...JSON_TYPE, origin })
    expect(answer.status).toBe(403)
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    expect((await send(url, '', { method: 'OPTIONS', origin })).status).toBe(403)
  }
  expect(requests).toEqual([])

  for (const host of ['localhost', 'LOCALHOST:1', '[::1]:4318', '127.0.0.1:80']) {
    expect((await send(url, oneSpan(), { ...JSON_TYPE, host })).status).toBe(200)
  }
  const origin = 'http://localhost:5173'
  expect(await send(url, oneSpan(), { ...JSON_TYPE, origin })).toMatchObject({
    status: 200,
    headers: { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' },
  })
  const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-key' }
  expect(await send(url, '', { method: 'OPTIONS', origin, ...asked })).toMatchObject({
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type,x-key',
      vary: 'Origin, Access-Control-Request-Headers',
    },
  })
})

test('aborted bodies, slow senders and what is not HTTP do not bring it down', async () => {
  const { url, base, refusals, requests } = await started({ requestTimeoutMs: 300 })
  const port = Number(new URL(base).port)
  const head =
    'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'
  const dialogue = (sent: string, end: boolean) =>
    new Promise<string>((resolve) => {
      let received = ''
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(sent)
        if (end) setTimeout(() => socket.destroy(), 50)
      })
      socket.on('data', (chunk) => (received += chunk))
      socket.on('error', () => {}).on('close', () => resolve(received))
    })
  await dialogue(head, true)
  expect(await dialogue(head, false)).toMatch(/^(HTTP\/1.1 408 |$)/)
  expect(await dialogue('\0\x01\x02 not HTTP\r\n\r\n', false)).toMatch(/^HTTP\/1.1 400 /)
  await expect.poll(() => refusals).toContain('400 the connection broke before the end of the body')
  expect(requests).toEqual([])
  expect((await send(url, oneSpan())).status).toBe(200)
})

test('a taken port rejects', async () => {
  const { base } = await started()
  const again = startReceiver({ port: Number(new URL(base).port), onSpans() {}, onRefusal() {} })
  await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
