/** OTLP/HTTP with JSON, the default: the official serializer. */
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { Encoding } from '../exporter.ts'

export const encoding: Encoding = {
  protocol: 'http/json',
  contentType: 'application/json',
  encode: (spans) => JsonTraceSerializer.serializeRequest(spans),
}
