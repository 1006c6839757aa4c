import type { ServerResponse } from 'node:http'
import type { OtlpEncoding } from './otlp-decode.ts'

const MAX_MESSAGE = 500

/** Why a request is not accepted: the status and the message of its answer. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message.slice(0, MAX_MESSAGE)) // it may quote what was sent
    this.status = status
  }
}

const CONTENT_TYPES: Record<OtlpEncoding, string> = { json: 'application/json', protobuf: 'application/x-protobuf' }

/** Undefined for a type that is not OTLP's; parameters like a charset are ignored. */
export function toEncoding(contentType = ''): OtlpEncoding | undefined {
  const type = contentType.split(';')[0]!.trim().toLowerCase()
  if (type === CONTENT_TYPES.json) return 'json'
  return type === CONTENT_TYPES.protobuf ? 'protobuf' : undefined
}

/** An empty `ExportTraceServiceResponse`, in the request's encoding as everything that is answered. */
export function accept(response: ServerResponse, encoding: OtlpEncoding): void {
  response.setHeader('Content-Type', CONTENT_TYPES[encoding])
  response.end(encoding === 'json' ? '{}' : '')
}

/**
 * A `google.rpc.Status` with the message only: OTLP/HTTP does not use the code. Plain text where the request has no
 * encoding that could be answered in. https://opentelemetry.io/docs/specs/otlp/#failures
 */
export function refuse(response: ServerResponse, { status, message }: Refusal, encoding?: OtlpEncoding): void {
  if (status === 405) response.setHeader('Allow', 'POST, OPTIONS')
  if (status === 503) response.setHeader('Retry-After', '1')
  response.statusCode = status
  // It may quote what was sent, and is never a page.
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Content-Security-Policy', "default-src 'none'")
  response.setHeader('Content-Type', encoding ? CONTENT_TYPES[encoding] : 'text/plain; charset=utf-8')
  if (encoding === 'json') response.end(JSON.stringify({ message }))
  else response.end(encoding === 'protobuf' ? toStatus(message) : `${message}\n`)
}

/** Field 2, length-delimited; two bytes are enough for the length of what a Refusal says. */
function toStatus(message: string): Buffer {
  const text = Buffer.from(message)
  return Buffer.concat([Buffer.from([0x12, (text.length & 0x7f) | 0x80, text.length >> 7]), text])
}
