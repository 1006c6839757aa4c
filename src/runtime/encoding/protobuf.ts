/** OTLP/HTTP with protobuf (`protocol: 'http/protobuf'`): the official serializer. */
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { Encoding } from '../exporter.ts'

export const encoding: Encoding = {
  protocol: 'http/protobuf',
  contentType: 'application/x-protobuf',
  encode: (spans) => ProtobufTraceSerializer.serializeRequest(spans),
}
