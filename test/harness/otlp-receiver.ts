import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { decodeSpans } from '../../src/cli/otlp-decode.ts'
import { toTraces } from '../../src/cli/otlp-span.ts'
import { readBody } from './api-reply.ts'
import { createArrivals } from './otlp-arrivals.ts'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { OtlpEncoding } from '../../src/cli/otlp-decode.ts'
import type { Attributes, ReceivedSpan, ReceivedTrace } from '../../src/cli/otlp-span.ts'
import type { Journal } from './journal.ts'

export type { AttributeValue, Attributes, ReceivedSpan, ReceivedTrace, SpanNode } from '../../src/cli/otlp-span.ts'

/**
 * `hang`: reads and never answers. `cut`: reads, then breaks the connection. `refuse`: nobody listens on the port.
 * A number: that status for every request, whose spans do not count as received.
 */
export type ReceiverMode = 'ok' | 'hang' | 'cut' | 'refuse' | `${number}`

export interface ReceiverChanges {
  delayMs?: number
  mode?: ReceiverMode
  /** The value of `Retry-After`, sent with 429 and 503. */
  retryAfter?: string | undefined
}

export interface OtlpRequest {
  /** When its head arrived, on the journal's clock. */
  at: number
  headers: IncomingMessage['headers']
  encoding: OtlpEncoding
  gzip: boolean
  /** Of the body as sent. */
  bytes: number
  /** Undefined while it is not answered. */
  status?: number
  /** Of the first span; the spans have their own each. */
  resource: Attributes
  spans: ReceivedSpan[]
}

export interface Receiver {
  /** `http://127.0.0.1:<port>`, without `/v1/traces`. */
  readonly url: string
  readonly requests: OtlpRequest[]
  /** Of the requests that were accepted, in order of arrival, duplicates included. */
  readonly spans: ReceivedSpan[]
  set(changes: ReceiverChanges): Promise<void>
  /** Breaks the connections without a request, as a load balancer does while a function is frozen. */
  dropIdleSockets(): void
  traces(): ReceivedTrace[]
  waitForSpans(count: number, timeoutMs?: number): Promise<ReceivedSpan[]>
  reset(): void
  stop(): Promise<void>
}

const ENCODINGS: Record<string, OtlpEncoding> = {
  'application/json': 'json',
  'application/x-protobuf': 'protobuf',
}

export async function startReceiver(
  options: ReceiverChanges & { journal?: Journal; port?: number } = {},
): Promise<Receiver> {
  const { journal } = options
  const settings = { delayMs: 0, mode: 'ok' as ReceiverMode, ...options }
  const requests: OtlpRequest[] = []
  const spans: ReceivedSpan[] = []
  const arrivals = createArrivals(spans)
  const sockets = new Map<Socket, { busy: boolean }>()
  let server: Server | undefined
  let port = options.port ?? 0

  async function receive(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers } = message
    const at = journal?.record('otlp-first-byte').at ?? performance.now()
    const body = await readBody(message)
    const encoding = ENCODINGS[(headers['content-type'] ?? '').split(';')[0]!.trim()]
    if (message.method !== 'POST' || message.url !== '/v1/traces') return respond(response, 404)
    if (!encoding) return respond(response, 415)
    const gzip = headers['content-encoding'] === 'gzip'
    const request: OtlpRequest = {
      at,
      headers,
      encoding,
      gzip,
      bytes: body.length,
      resource: {},
      spans: [],
    }
    requests.push(request)
    let status = Number(settings.mode) || 200
    try {
      request.spans = decodeSpans(gzip ? gunzipSync(body) : body, encoding)
      request.resource = request.spans[0]?.resource ?? {}
    } catch {
      status = 400
    }
    const { mode, delayMs } = settings
    if (status === 200 && mode === 'ok') {
      spans.push(...request.spans) // a collector has them, whether or not its answer gets through
      arrivals.announce()
    }
    if (delayMs > 0) await sleep(delayMs, undefined, { ref: false })
    if (mode === 'hang') return
    if (mode === 'cut') return void response.socket?.destroy()
    request.status = status
    respond(response, status, encoding)
    journal?.record('otlp-answered', { status, spans: request.spans.length, bytes: body.length })
  }

  function respond(response: ServerResponse, status: number, encoding: OtlpEncoding = 'json'): void {
    response.writeHead(status, {
      'Content-Type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      ...((status === 429 || status === 503) &&
        settings.retryAfter !== undefined && { 'Retry-After': settings.retryAfter }),
    })
    // The empty message is valid protobuf for both the response and google.rpc.Status.
    const document = status === 200 ? {} : { code: status, message: `mode ${settings.mode}` }
    response.end(encoding === 'json' ? JSON.stringify(document) : '')
  }

  async function open(): Promise<void> {
    if (server) return
    const opening = createServer({ keepAliveTimeout: 0 }, (message, response) => {
      const use = sockets.get(message.socket)
      if (use) use.busy = true
      response.on('close', () => {
        if (use) use.busy = false
      })
      // A function killed in the middle of its request must not fail the test that killed it.
      receive(message, response).catch(() => response.socket?.destroy())
    })
    opening.on('connection', (socket: Socket) => {
      sockets.set(socket, { busy: false })
      socket.on('close', () => sockets.delete(socket))
    })
    await new Promise<void>((resolve, reject) => {
      opening.once('error', reject).listen(port, '127.0.0.1', resolve)
    })
    server = opening
    port = (opening.address() as AddressInfo).port
  }

  function close(): void {
    server?.close()
    server = undefined
    dropIdleSockets()
  }

  function dropIdleSockets(): void {
    for (const [socket, { busy }] of sockets) if (!busy) socket.destroy()
  }

  await open()
  if (settings.mode === 'refuse') close()

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    spans,
    async set(changes) {
      Object.assign(settings, changes)
      if (settings.mode === 'refuse') close()
      else await open()
    },
    dropIdleSockets,
    traces: () => toTraces(spans),
    waitForSpans: arrivals.waitForSpans,
    reset() {
      requests.length = 0
      spans.length = 0
    },
    async stop() {
      close()
      for (const socket of sockets.keys()) socket.destroy()
    },
  }
}
