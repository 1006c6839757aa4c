/** OTLP/HTTP with protobuf (`protocol: 'http/protobuf'`): the official serializer. */
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { Encoding } from '../encode.ts'

export const encoding: Encoding = {
  protocol: 'http/protobuf',
  contentType: 'application/x-protobuf',
  encode: (spans) => ProtobufTraceSerializer.serializeRequest(spans),
  // A message is parsed as what stands in each of its parts. https://protobuf.dev/programming-guides/encoding/#last-one-wins
  join: (bodies) => {
    const joined = new Uint8Array(bodies.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const body of bodies) {
      joined.set(body, at)
      at += body.length
    }
    return joined
  },
  /** `partial_success` (1) begins with `rejected_spans` (1), a varint: seven bits a byte, the lowest first. */
  rejected: (answer) =>
    [...(/^\n[^]{1,2}?[\b]([\x80-\xff]*[^])/.exec(answer)?.[1] ?? '')].reduceRight(
      (sum, byte) => sum * 128 + (byte.charCodeAt(0) & 127),
      0,
    ),
}
