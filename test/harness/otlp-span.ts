/** A value of an attribute, decoded: integers as numbers, bytes as a Buffer. */
export type AttributeValue =
  | string
  | boolean
  | number
  | Buffer
  | null
  | AttributeValue[]
  | { [key: string]: AttributeValue }

export type Attributes = Record<string, AttributeValue>

/** One span as a collector got it, the same for JSON and protobuf. */
export interface ReceivedSpan {
  traceId: string
  spanId: string
  /** Absent for a root. */
  parentSpanId?: string
  name: string
  /** The number of OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number
  startMs: number
  endMs: number
  attributes: Attributes
  status: { code: number; message?: string }
  events: { name: string; timeMs: number; attributes: Attributes }[]
  links: { traceId: string; spanId: string; traceState?: string; attributes: Attributes }[]
  traceState?: string
  flags: number
  scope: { name: string; version?: string; attributes: Attributes }
  resource: Attributes
}

export interface SpanNode extends ReceivedSpan {
  children: SpanNode[]
}

export interface ReceivedTrace {
  traceId: string
  /** Spans without a parent, and those whose parent has not arrived; all levels sorted by start time. */
  roots: SpanNode[]
}

export function toTraces(spans: readonly ReceivedSpan[]): ReceivedTrace[] {
  const nodes = spans.map((span): SpanNode => ({ ...span, children: [] }))
  nodes.sort((a, b) => a.startMs - b.startMs)
  const bySpan = new Map(nodes.map((node) => [`${node.traceId}/${node.spanId}`, node]))
  const roots = new Map<string, SpanNode[]>()
  for (const node of nodes) {
    const parent = bySpan.get(`${node.traceId}/${node.parentSpanId}`)
    const siblings = parent ? parent.children : (roots.get(node.traceId) ?? [])
    siblings.push(node)
    if (!parent) roots.set(node.traceId, siblings)
  }
  return [...roots].map(([traceId, traceRoots]) => ({ traceId, roots: traceRoots }))
}
