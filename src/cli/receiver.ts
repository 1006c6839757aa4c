/** An OTLP/HTTP receiver for traces, on loopback only. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
import { createServer } from 'node:http'
import { isLoopbackHost, isLoopbackOrigin } from './loopback.ts'
import { accept, Refusal, refuse, toEncoding } from './otlp-answer.ts'
import { decodeSpans } from './otlp-decode.ts'
import { createBodyReader } from './request-body.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { OtlpEncoding } from './otlp-decode.ts'
import type { ReceivedSpan } from './otlp-span.ts'

export interface ReceiverOptions {
  /** 0: the system chooses. */
  port: number
  /** Milliseconds that a sender may take for one request. @default 30_000 */
  requestTimeoutMs?: number
  /** An exporter has a handful. More are closed, so that files and memory do not run out. @default 512 */
  maxConnections?: number
  /** Before the answer, with the spans of one request and the bytes they took in it. */
  onSpans(spans: ReceivedSpan[], bytes: number): void
  onRefusal(refusal: Refusal, request: IncomingMessage): void
}

export interface Receiver {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  close(): void
}

/** Rejects with the system's error, for example EADDRINUSE. */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { port, requestTimeoutMs = 30_000, maxConnections = 512, onSpans, onRefusal } = options
  const readBody = createBodyReader()
  const timeouts = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(requestTimeoutMs, 5000),
  }
  const server = createServer(timeouts, (message, response) => void answer(message, response))
  server.maxConnections = maxConnections

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const encoding = toEncoding(message.headers['content-type'])
    try {
      checkSender(message)
      allowOrigin(message, response)
      checkTarget(message)
      if (message.method === 'OPTIONS') return void response.writeHead(204).end()
      if (!encoding) throw new Refusal(415, 'the content type is neither application/json nor application/x-protobuf')
      const body = await readBody(message)
      onSpans(decode(body, encoding), body.length)
      accept(response, encoding)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      onRefusal(error, message)
      refuse(response, error, encoding)
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Before anything else is looked at: a foreign page must not learn what is here. */
function checkSender({ headers: { host, origin } }: IncomingMessage): void {
  if (!isLoopbackHost(host)) throw new Refusal(403, `the host '${host ?? ''}' is not localhost, 127.0.0.1 or [::1]`)
  if (origin !== undefined && !isLoopbackOrigin(origin)) {
    throw new Refusal(403, `the origin '${origin}' is not on localhost, 127.0.0.1 or [::1]`)
  }
}

/**
 * For a page of a development server, whose port makes it another origin. Credentials, because `sendBeacon` always
 * asks for them; there are none here. https://fetch.spec.whatwg.org/#http-cors-protocol
 */
function allowOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Vary', 'Origin, Access-Control-Request-Headers')
  if (headers.origin === undefined) return
  response.setHeader('Access-Control-Allow-Origin', headers.origin)
  response.setHeader('Access-Control-Allow-Credentials', 'true')
  response.setHeader('Access-Control-Allow-Methods', 'POST')
  const asked = headers['access-control-request-headers']
  if (asked !== undefined) response.setHeader('Access-Control-Allow-Headers', asked)
}

/**
 * Metrics and logs get 404 like any other path: taken and dropped, they would look delivered to whoever searches for
 * them. Exporters do not retry a 404.
 */
function checkTarget({ method, url = '' }: IncomingMessage): void {
  if (url.split('?')[0] !== '/v1/traces') throw new Refusal(404, 'only /v1/traces is received here')
  if (method !== 'POST' && method !== 'OPTIONS') throw new Refusal(405, 'only POST is received here')
}

function decode(body: Buffer, encoding: OtlpEncoding): ReceivedSpan[] {
  try {
    return decodeSpans(body, encoding)
  } catch (error) {
    throw new Refusal(400, `not an ExportTraceServiceRequest: ${(error as Error).message}`)
  }
}
