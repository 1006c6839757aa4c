/** Spans → batches that a collector takes. */
import type { Span } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { drop, restore, takeDropped, type Dropped } from './dropped.ts'
import { isError, ownerOf } from './invocation.ts'
import { quietly } from './quietly.ts'
import { MAX_RETAINED_BYTES, type Batch } from './retention.ts'
import { slot } from './slot.ts'

export interface Encoding {
  readonly protocol: 'http/json' | 'http/protobuf'
  readonly contentType: string
  encode(spans: ReadableSpan[]): Uint8Array | undefined
  /** One body of several. */
  join(bodies: readonly Uint8Array[]): Uint8Array
  /** How many spans the receiver says it did not take. https://opentelemetry.io/docs/specs/otlp/#partial-success-1 */
  rejected(answer: string): number
}

/**
 * None is larger than what can be kept, but for a span that is so by itself.
 * @param size spans of a batch, at most
 */
export function toBatches(encoding: Encoding, spans: ReadableSpan[], size: number): Batch[] {
  const batches: Batch[] = []
  for (let start = 0; start < spans.length; start += size) {
    const part = spans.slice(start, start + size)
    const { length } = part
    const dropped = reportDropped(part)
    const body = quietly(() => encoding.encode(part))
    // One that is larger by itself may yet be taken.
    if (body && (length === 1 || body.length <= MAX_RETAINED_BYTES)) {
      batches.push({ body, spans: length, hasError: part.some(isError), at: Date.now(), dropped })
      continue
    }
    restore(dropped)
    if (length === 1) drop([{ spans: 1 }], 'not_encodable')
    // One that cannot be encoded must not take the others along. Each attempt encodes all of it again.
    else {
      const parts = body ? (2 * body.length) / MAX_RETAINED_BYTES : 2
      batches.push(...toBatches(encoding, part, Math.ceil(length / parts)))
    }
  }
  return batches
}

/** The first root among them says what was dropped before. */
function reportDropped(spans: readonly ReadableSpan[]): Dropped | undefined {
  if (slot.dropped.size === 0) return undefined
  const root = spans.find((span) => ownerOf(span)?.root === (span as unknown as Span))
  if (!root) return undefined
  const dropped = takeDropped()
  // Not by its method: it has ended.
  root.attributes['otel.dropped_spans'] = [...dropped.values()].reduce((sum, count) => sum + count)
  root.attributes['otel.dropped_reasons'] = [...dropped.keys()]
  return dropped
}
