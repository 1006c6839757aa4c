import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { IncomingHttpHeaders } from 'node:http'

export const JSON_TYPE = { 'content-type': 'application/json' }
export const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' }
export const GZIP = { 'content-encoding': 'gzip' }

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  bytes: Buffer
}

/** With node:http, because fetch does not let a test choose `Host` and `Origin`. */
export function send(
  url: string,
  body: Uint8Array | string = '',
  { method = 'POST', ...headers }: Record<string, string> = JSON_TYPE,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false }, async (response) => {
      const bytes = await buffer(response)
      resolve({ status: response.statusCode!, headers: response.headers, text: bytes.toString(), bytes })
    })
      .on('error', reject)
      .end(body)
  })
}

/** One span by the rules of OTLP/JSON; the fields can be replaced by what is wrong. */
export function oneSpan(fields: object = {}): string {
  const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 'one', ...fields }
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
}
