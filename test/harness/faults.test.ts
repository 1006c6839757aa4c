/** Each fault as a sender of Node sees it, and what the receiver counts. */
import { readFileSync } from 'node:fs'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { Agent as TlsAgent } from 'node:https'
import { connect } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { UNRESOLVABLE, type FaultName } from './faults.ts'
import { startReceiver, type ReceiverOptions } from './otlp-receiver.ts'
import { sendRequest } from './otlp-sender.ts'

const certificate = path.resolve(import.meta.dirname, '../functions/localhost.pem')
const [trace, root, child] = ['a'.repeat(32), '1'.repeat(16), '2'.repeat(16)]
const BODY = JSON.stringify({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            { traceId: trace, spanId: root, name: 'root' },
            { traceId: trace, spanId: child, parentSpanId: root, name: 'child' },
          ],
        },
      ],
    },
  ],
})
const none = { taken: 0, refused: 0, unanswered: 0, cut: 0 }

async function started(options: ReceiverOptions = {}) {
  const receiver = await startReceiver(options)
  onTestFinished(() => receiver.stop())
  return {
    receiver,
    post: (body: string | Uint8Array = BODY, type = 'application/json') =>
      sendRequest(`${receiver.url}/v1/traces`, { body, type }),
    /** The same for each span. */
    counted: () => [...new Set([...receiver.deliveries.values()].map((delivery) => JSON.stringify(delivery)))],
  }
}

test.each([
  ['reset-connection', 'ECONNRESET', undefined],
  ['reset-before-body', 'ECONNRESET', undefined],
  ['reset-in-body', 'ECONNRESET', { cut: 1 }],
  ['reset-after-body', 'ECONNRESET', { unanswered: 1 }],
  ['cut', 'ECONNRESET', { unanswered: 1 }],
  ['garbage', 'HPE_INVALID_CONSTANT', { unanswered: 1 }],
] as const)('%s: the sender gets %s', async (mode, code, counts) => {
  const { receiver, post, counted } = await started({ mode })
  await expect(post()).rejects.toMatchObject({ code })
  expect(receiver.attempts).toBe(1)
  expect(counted()).toEqual(counts ? [JSON.stringify({ ...none, ...counts })] : [])
  expect(receiver.spans).toEqual([])
})

test('a body that is larger than what is read at once is cut in its midst', async () => {
  const { receiver, post } = await started({ mode: 'reset-in-body' })
  await expect(post(' '.repeat(8e6) + BODY)).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) })
  expect([receiver.attempts, receiver.requests, receiver.deliveries.size]).toEqual([1, [], 0])
})

test.each<[FaultName, { status: number; body: unknown; type?: string | undefined }]>([
  ['garbage-body', { status: 200, body: expect.stringContaining('{'), type: 'application/json' }],
  ['wrong-type', { status: 200, body: expect.stringContaining('<title>'), type: 'text/html' }],
  ['redirect-302', { status: 302, body: '' }],
  ['redirect-307', { status: 307, body: '' }],
])('%s', async (mode, expected) => {
  const { receiver, post, counted } = await started({ mode })
  const answer = await post()
  expect(answer).toMatchObject(expected)
  const taken = mode === 'garbage-body'
  expect(counted()).toEqual([JSON.stringify({ ...none, [taken ? 'taken' : 'refused']: 1 })])
  expect(receiver.spans).toHaveLength(taken ? 2 : 0)
  expect(receiver.redirected).toEqual([])
})

test('a redirect leads to another origin, which counts who follows', async () => {
  const { receiver, post } = await started({ mode: 'redirect-307' })
  const { location } = (await post()).headers
  expect(new URL(String(location)).origin).not.toBe(receiver.url)
  await sendRequest(String(location), { body: BODY, type: 'application/json' })
  expect(receiver.redirected).toMatchObject([{ 'content-type': 'application/json' }])
})

test('the head of an answer gets through before the connection breaks', async () => {
  const { receiver, post } = await started({ mode: 'reset-after-head' })
  await expect(post()).rejects.toMatchObject({ code: 'ECONNRESET', status: 200 })
  expect(receiver.spans).toHaveLength(2)
})

test('partial success: the root is taken, a child is not', async () => {
  const { receiver, post } = await started({ mode: 'partial-success' })
  expect(JSON.parse((await post()).body)).toEqual({
    partialSuccess: { rejectedSpans: '1', errorMessage: 'too many spans' },
  })
  expect(receiver.spans.map(({ name }) => name)).toEqual(['root'])
  expect(receiver.deliveries.get(`${trace}/${child}`)).toEqual({ ...none, refused: 1 })
  // Nothing in it: field 1, 18 bytes, of which field 1 is the integer and field 2 the text.
  const { body } = await post('', 'application/x-protobuf')
  expect(Buffer.from(body, 'latin1').toString('latin1')).toBe('\x0a\x12\x08\x01\x12\x0etoo many spans')
})

test('well again after two requests; Retry-After as seconds and as a date', async () => {
  const { receiver, post, counted } = await started({ mode: '503', times: 2, retryAfter: '3' })
  expect((await post()).headers['retry-after']).toBe('3')
  await receiver.set({ retryAfter: () => new Date(5000).toUTCString() })
  expect((await post()).headers['retry-after']).toBe('Thu, 01 Jan 1970 00:00:05 GMT')
  expect((await post()).status).toBe(200)
  expect(counted()).toEqual([JSON.stringify({ ...none, taken: 1, refused: 2 })])
})

test('idle connections are reset, not ended', async () => {
  const { receiver } = await started()
  const { hostname, port } = new URL(receiver.url)
  const socket = connect(Number(port), hostname)
  const error = new Promise<Error>((resolve) => socket.once('error', resolve))
  socket.write('POST /v1/traces HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}')
  await once(socket, 'data')
  receiver.dropIdleSockets('RST')
  expect(await error).toMatchObject({ code: 'ECONNRESET' })
})

test('a certificate that nobody has signed; who trusts it is answered', async () => {
  const tls = readFileSync(certificate, 'utf8')
  const { receiver } = await started({ tls })
  const url = `${receiver.url}/v1/traces`
  const given = { body: BODY, type: 'application/json' }
  await expect(sendRequest(url, given)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  expect(receiver.requests).toEqual([])
  const agent = new TlsAgent({ ca: tls, servername: 'localhost' })
  expect((await sendRequest(url, { ...given, agent })).status).toBe(200)
})

test('a name that nobody has', async () => {
  await expect(lookup(new URL(UNRESOLVABLE).hostname)).rejects.toMatchObject({ code: 'ENOTFOUND' })
})
