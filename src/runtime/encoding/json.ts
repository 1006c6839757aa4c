/** OTLP/HTTP with JSON, the default: the official serializer. */
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { Encoding } from '../encode.ts'

export const encoding: Encoding = {
  protocol: 'http/json',
  contentType: 'application/json',
  encode: (spans) => JsonTraceSerializer.serializeRequest(spans),
  // Each is `{"resourceSpans":[…]}`.
  join: (bodies) =>
    new TextEncoder().encode(
      `{"resourceSpans":[${bodies.map((body) => new TextDecoder().decode(body.subarray(18, -2))).join()}]}`,
    ),
  rejected: (answer) => Number(/"rejectedSpans": *"?(\d+)/.exec(answer)?.[1] ?? 0),
}
