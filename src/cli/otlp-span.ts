/** Decoded: integers as numbers, those that a double cannot hold as decimal strings, bytes as a Buffer. */
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
  const parentOf = (node: SpanNode) => bySpan.get(`${node.traceId}/${node.parentSpanId}`)
  const roots = new Map<string, SpanNode[]>()
  const addRoot = (node: SpanNode) => {
    const others = roots.get(node.traceId)
    if (others) others.push(node)
    else roots.set(node.traceId, [node])
  }
  for (const node of nodes) {
    const parent = parentOf(node)
    if (parent) parent.children.push(node)
    else addRoot(node)
  }
  const reached = new Set([...roots.values()].flat())
  reach(reached, reached)
  for (const node of nodes) {
    if (reached.has(node)) continue
    // Its ancestors are a ring, which only a faulty sender makes; it is cut here so that every span is in a tree.
    const siblings = parentOf(node)!.children
    siblings.splice(siblings.indexOf(node), 1)
    addRoot(node)
    reach(reached, [node])
  }
  return [...roots].map(([traceId, traceRoots]) => ({ traceId, roots: traceRoots }))
}

/** Adds the nodes and all below them, without recursion: the depth is the sender's choice. */
function reach(reached: Set<SpanNode>, nodes: Iterable<SpanNode>): void {
  const pending = [...nodes]
  for (let node = pending.pop(); node; node = pending.pop()) {
    reached.add(node)
    for (const child of node.children) pending.push(child)
  }
}
