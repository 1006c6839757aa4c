/** Spans as received, for what comes after the decoder. */
import type { Attributes, ReceivedSpan } from '../../src/cli/otlp-span.ts'

export const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

interface SpanFacts extends Partial<Pick<ReceivedSpan, 'status' | 'events' | 'traceId'>> {
  parent?: number
  /** From 2023-11-14T22:13:20Z, in milliseconds. */
  at?: number
  ms?: number
  service?: string
  attributes?: Attributes
}

export function spanId(n: number): string {
  return n.toString(16).padStart(16, '0')
}

export function span(n: number, name: string, facts: SpanFacts = {}): ReceivedSpan {
  const { parent, at = 0, ms = 10, service = 'orders', ...rest } = facts
  return {
    traceId,
    spanId: spanId(n),
    ...(parent !== undefined && { parentSpanId: spanId(parent) }),
    name,
    kind: 1,
    startMs: 1_700_000_000_000 + at,
    endMs: 1_700_000_000_000 + at + ms,
    attributes: {},
    status: { code: 0 },
    events: [],
    links: [],
    flags: 0x101,
    scope: { name: 'test', attributes: {} },
    resource: { 'service.name': service },
    ...rest,
  }
}
