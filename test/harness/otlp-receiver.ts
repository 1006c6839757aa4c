import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { decodeSpans } from '../../src/cli/otlp-decode.ts'
import { toTraces } from '../../src/cli/otlp-span.ts'
import { readBody } from './api-reply.ts'
import { createDeliveries } from './deliveries.ts'
import { createElsewhere } from './elsewhere.ts'
import { contentTypes, faultOf, type Fault } from './faults.ts'
import { createArrivals } from './otlp-arrivals.ts'
import { createListener } from './otlp-listener.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { OtlpEncoding } from '../../src/cli/otlp-decode.ts'
import type { ReceivedSpan } from '../../src/cli/otlp-span.ts'
import type { OtlpRequest, Receiver, ReceiverChanges, ReceiverMode, ReceiverOptions } from './receiver-options.ts'

export type { AttributeValue, Attributes, ReceivedSpan, ReceivedTrace, SpanNode } from '../../src/cli/otlp-span.ts'
export type * from './receiver-options.ts'

const ENCODINGS: Record<string, OtlpEncoding> = {
  'application/json': 'json',
  'application/x-protobuf': 'protobuf',
}

export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { journal, tls } = options
  const settings = { delayMs: 0, mode: 'ok' as ReceiverMode, times: Infinity, ...options }
  const requests: OtlpRequest[] = []
  const spans: ReceivedSpan[] = []
  const deliveries = createDeliveries()
  const arrivals = createArrivals(spans)
  const elsewhere = createElsewhere()
  let attempts = 0
  const listener = createListener({
    port: options.port,
    tls,
    onConnection(socket) {
      if (faultOf(settings.mode).at !== 'connection') return
      attempt().act!({ socket })
    },
    onTlsError: () => void attempts++,
    onRequest(message, response) {
      // A function killed in the middle of its request must not fail the test that killed it.
      receive(message, response).catch(() => response.socket?.destroy())
    },
  })

  function attempt(): Fault {
    attempts++
    const fault = faultOf(settings.mode)
    if (--settings.times <= 0) Object.assign(settings, { mode: 'ok', times: Infinity })
    return fault
  }

  async function receive(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers, socket } = message
    const at = journal?.record('otlp-first-byte').at ?? performance.now()
    const { mode, delayMs } = settings
    const fault = attempt()
    // On a connection from before the fault, its beginning is over.
    if (fault.at === 'head' || fault.at === 'connection') return void fault.act!({ socket, response })
    const encoding = ENCODINGS[(headers['content-type'] ?? '').split(';')[0]!.trim()]
    if (fault.at === 'body') return cutShort(message, response, fault, encoding)
    const body = await readBody(message)
    if (message.method !== 'POST' || message.url !== '/v1/traces') return void respond(response, 404, mode)
    if (!encoding) return void respond(response, 415, mode)
    const gzip = headers['content-encoding'] === 'gzip'
    const request: OtlpRequest = { at, headers, encoding, gzip, bytes: body.length, resource: {}, spans: [] }
    requests.push(request)
    let status = Number(mode) || 200
    try {
      request.spans = decodeSpans(gzip ? gunzipSync(body) : body, encoding)
      request.resource = request.spans[0]?.resource ?? {}
    } catch {
      status = 400
    }
    const rejected = request.spans.filter(({ parentSpanId }) => parentSpanId).slice(0, fault.rejects ?? 0)
    const accepted = request.spans.filter((span) => !rejected.includes(span))
    const outcomes = [deliveries.whole(accepted), deliveries.whole(rejected)]
    if (status === 200 && fault.takes) {
      spans.push(...accepted) // a collector has them, whether or not its answer gets through
      arrivals.announce()
    }
    if (delayMs > 0) await sleep(delayMs, undefined, { ref: false })
    const answered = fault.act
      ? fault.act({ socket, response, encoding, elsewhere: mode.startsWith('redirect') ? await elsewhere.url() : '' })
      : respond(response, status, mode, encoding)
    // Nobody reads it where the sender has gone meanwhile.
    if (answered === undefined || socket.destroyed) return
    request.status = answered
    const [settleAccepted, settleRejected] = outcomes
    settleAccepted!(answered < 300 && fault.takes ? 'taken' : 'refused')
    settleRejected!('refused')
    journal?.record('otlp-answered', { status: answered, spans: request.spans.length, bytes: body.length })
  }

  /** What is there of the body; its spans are known where that is all of it, which the sender cannot know. */
  async function cutShort(
    message: IncomingMessage,
    response: ServerResponse,
    fault: Fault,
    encoding: OtlpEncoding = 'json',
  ): Promise<void> {
    const [bytes] = (await once(message, 'data')) as [Buffer]
    fault.act!({ socket: message.socket, response })
    try {
      const gzip = message.headers['content-encoding'] === 'gzip'
      deliveries.cut(decodeSpans(gzip ? gunzipSync(bytes) : bytes, encoding))
    } catch {
      // a part
    }
  }

  function respond(
    response: ServerResponse,
    status: number,
    mode: ReceiverMode,
    encoding: OtlpEncoding = 'json',
  ): number {
    const { retryAfter } = settings
    response.writeHead(status, {
      'Content-Type': contentTypes[encoding],
      ...((status === 429 || status === 503) &&
        retryAfter !== undefined && { 'Retry-After': typeof retryAfter === 'string' ? retryAfter : retryAfter() }),
    })
    // The empty message is valid protobuf for both the response and google.rpc.Status.
    const document = status === 200 ? {} : { code: status, message: `mode ${mode}` }
    response.end(encoding === 'json' ? JSON.stringify(document) : '')
    return status
  }

  const goAway = () => faultOf(settings.mode).at === 'listen'
  await listener.open()
  if (goAway()) listener.close()

  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${listener.port}`,
    requests,
    get attempts() {
      return attempts
    },
    spans,
    deliveries: deliveries.all,
    redirected: elsewhere.requests,
    async set(changes: ReceiverChanges) {
      Object.assign(settings, changes, changes.mode && { times: changes.times ?? Infinity })
      if (goAway()) listener.close()
      else await listener.open()
      // It would be asked on a connection that it has accepted before.
      if (faultOf(settings.mode).at === 'connection') listener.dropIdle('RST')
    },
    dropIdleSockets: (how = 'FIN') => listener.dropIdle(how),
    traces: () => toTraces(spans),
    waitForSpans: arrivals.waitForSpans,
    reset() {
      requests.length = 0
      spans.length = 0
      attempts = 0
      deliveries.reset()
    },
    async stop() {
      listener.stop()
      elsewhere.stop()
    },
  }
}
