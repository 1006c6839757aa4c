import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { readBody } from './api-reply.ts'

export interface SentrySpan {
  name: string
  trace_id: string
  span_id: string
  parent_span_id?: string
}

export interface SentryReceiver {
  /** `http://key@127.0.0.1:<port>/1` */
  readonly dsn: string
  readonly spans: SentrySpan[]
  /** The messages of exceptions. */
  readonly errors: string[]
  stop(): Promise<void>
}

/** Sentry's ingestion. https://develop.sentry.dev/sdk/data-model/envelopes/ */
export async function startSentry({ delayMs = 0 } = {}): Promise<SentryReceiver> {
  const spans: SentrySpan[] = []
  const errors: string[] = []
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      read(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
      setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'), delayMs)
    })
  })

  /** A header, then for each item a header and a payload; ours are all one line each. */
  function read(envelope: Buffer): void {
    const [, ...lines] = envelope.toString().split('\n')
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const { type } = JSON.parse(lines[at]!) as { type: string }
      const payload = JSON.parse(lines[at + 1]!)
      if (type === 'span') spans.push(...payload.items)
      if (type === 'event') for (const { value } of payload.exception?.values ?? []) errors.push(value)
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    dsn: `http://key@127.0.0.1:${(server.address() as AddressInfo).port}/1`,
    spans,
    errors,
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  }
}
