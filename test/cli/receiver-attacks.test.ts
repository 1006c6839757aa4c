/** What a page in the developer's browser, or a program gone wrong, may do to the receiver of `dev`. */
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { gzipSync } from 'node:zlib'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { expect, onTestFinished, test } from 'vitest'
import { startReceiver, type ReceiverOptions } from '../../src/cli/receiver.ts'
import { exampleSpans } from '../harness/example-spans.ts'
import { GZIP, JSON_TYPE, oneSpan, PROTOBUF_TYPE, send } from './send.ts'
import type { ReceivedSpan } from '../../src/cli/otlp-span.ts'

async function started(options: Partial<ReceiverOptions> = {}) {
  const spans: ReceivedSpan[] = []
  const receiver = await startReceiver({ port: 0, onSpans: (more) => spans.push(...more), onRefusal() {}, ...options })
  onTestFinished(() => receiver.close())
  const port = Number(new URL(receiver.url).port)
  /** Sends bytes as they are, and gives all that comes until the other side closes, or has said so much. */
  const dialogue = (sent: string, until = /\r\n\r\n/) =>
    new Promise<string>((resolve) => {
      let received = ''
      const socket = connect(port, '127.0.0.1', () => socket.write(sent))
      socket.on('data', (chunk) => {
        received += chunk.toString()
        if (until.test(received)) socket.destroy()
      })
      socket.on('error', () => {}).on('close', () => resolve(received))
    })
  return { spans, port, dialogue, url: `${receiver.url}/v1/traces`, base: receiver.url }
}

function reach(port: number, host: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host }, () => resolve('reached'))
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'failed')).on('connect', () => socket.end())
  })
}

test('no other address of this machine reaches it', async () => {
  const { port } = await started()
  expect(await reach(port, '127.0.0.1')).toBe('reached')
  const others = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const addresses = others.filter(({ address }) => address !== '127.0.0.1' && !address.startsWith('fe80'))
  for (const address of ['127.0.0.2', ...addresses.map((each) => each.address)]) {
    expect(await reach(port, address), address).not.toBe('reached')
  }
})

const BODY = oneSpan()
const LENGTH = `Content-Type: application/json\r\nContent-Length: ${BODY.length}`
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA'

/** A name that was re-bound to 127.0.0.1, and a page that sends to the port: on every route, in every way. */
test.each([
  ['a foreign host', 'Host: attacker.example', /^HTTP\/1.1 403 /],
  ['a foreign origin', 'Host: localhost\r\nOrigin: https://attacker.example', /^HTTP\/1.1 403 /],
  ['no host', 'X-Host: localhost', /^HTTP\/1.1 400 /],
])('%s is refused', async (_, headers, answer) => {
  const { dialogue, spans } = await started()
  for (const line of [
    'POST /v1/traces',
    'GET /',
    'GET /v1/traces',
    'OPTIONS /v1/traces',
    'PUT /x',
    'DELETE /v1/traces',
  ])
    expect(await dialogue(`${line} HTTP/1.1\r\n${headers}\r\n${LENGTH}\r\n\r\n${BODY}`), line).toMatch(answer)
  expect(await dialogue(`GET / HTTP/1.1\r\n${headers}\r\n${UPGRADE}\r\n\r\n`)).toMatch(answer)
  expect(await dialogue(`GET / HTTP/1.1\r\n${headers}\r\nAccept: text/event-stream\r\n\r\n`)).toMatch(answer)
  expect(spans).toEqual([])
})

test('a proxy and a tunnel it is not', async () => {
  const { dialogue, spans } = await started()
  const target = 'http://attacker.example/v1/traces'
  expect(await dialogue(`POST ${target} HTTP/1.1\r\nHost: localhost\r\n${LENGTH}\r\n\r\n${BODY}`)).toMatch(/^\S+ 404 /)
  expect(await dialogue('CONNECT attacker.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n')).toBe('')
  expect(spans).toEqual([])
})

test('what it says of a request is no page', async () => {
  const { url } = await started()
  const { text, headers } = await send(url, '', { method: 'GET', host: '<script>' })
  expect(text).toContain('<script>')
  expect(headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'",
  })
})

test('16 GB in 16 MB of gzip are not inflated', async () => {
  const { url } = await started()
  const member = gzipSync(Buffer.alloc(16 * 1024 * 1024))
  const bomb = Buffer.concat(Array.from({ length: Math.floor((16 * 1024 * 1024) / member.length) }, () => member))
  const before = process.memoryUsage.rss()
  expect((await send(url, bomb, { ...JSON_TYPE, ...GZIP })).status).toBe(413)
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024)
  expect((await send(url, oneSpan())).status).toBe(200)
})

test('JSON and values that are nested a million deep, and more objects than memory has room for', async () => {
  const { url } = await started()
  const nested = (depth: number) => {
    const value = `{"arrayValue":{"values":[`.repeat(depth) + `]}}`.repeat(depth)
    return oneSpan({ attributes: [{ key: 'a', value: '?' }] }).replace('"?"', () => value)
  }
  for (const body of [
    '['.repeat(1_000_000),
    '['.repeat(1_000_000) + ']'.repeat(1_000_000),
    '{"resourceSpans":['.repeat(500_000),
    '[{},'.repeat(2_000_000),
    nested(102),
    nested(100_000),
  ]) {
    expect((await send(url, body)).status).toBe(400)
  }
  expect((await send(url, nested(40))).status).toBe(200)
})

test('protobuf with flipped, missing and repeated bytes is answered 200 or 400', async () => {
  const { url } = await started()
  const sound = Buffer.from(ProtobufTraceSerializer.serializeRequest(exampleSpans())!)
  // A generator of its own, so that a failure can be repeated.
  let seed = 20_261_122
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  const answers = new Set<number>()
  for (let n = 0; n < 300; n++) {
    const bytes = Buffer.from(sound)
    for (let flips = random(4); flips >= 0; flips--) bytes[random(bytes.length)] = random(256)
    const from = random(bytes.length)
    const cut = [bytes, bytes.subarray(0, from), Buffer.concat([bytes, bytes.subarray(from)])][random(3)]!
    answers.add((await send(url, cut, PROTOBUF_TYPE)).status)
  }
  expect([...answers].toSorted()).toEqual([200, 400])
})

test('more connections than it takes are closed; those that are open go on', async () => {
  const { port, url } = await started({ maxConnections: 3 })
  const open = Array.from({ length: 3 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  await Promise.all(open.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
  await expect.poll(() => send(url, oneSpan()).catch(({ code }) => code)).toBe('ECONNRESET')
  open[0]!.destroy()
  await expect.poll(() => send(url, oneSpan()).then(({ status }) => status, String)).toBe(200)
  for (const socket of open) socket.destroy()
})

test('a head that comes a byte at a time is given up', async () => {
  const { dialogue, url } = await started({ requestTimeoutMs: 200 })
  expect(await dialogue('POST /v1/traces HTTP/1.1\r\nHost: loc', /never/)).toMatch(/^(HTTP\/1.1 408 |$)/)
  expect((await send(url, oneSpan())).status).toBe(200)
})
