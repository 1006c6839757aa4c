/** A trace as rows from top to bottom, each with the branches that are drawn before it. */
import { toTraces } from './otlp-span.ts'
import type { SpanNode } from './otlp-span.ts'
import type { CollectedTrace } from './traces.ts'

export interface SpanRow {
  readonly span: SpanNode
  readonly parent: SpanNode | undefined
  /** Before the name. */
  readonly branch: string
  /** Before further lines about the span. */
  readonly indent: string
  /** Printed before, and here only for what is new below it. */
  readonly printed: boolean
}

/** Deeper levels are not indented further: a recursion of a thousand spans would leave no room for names. */
const MAX_INDENT = 18

/** Without the printed spans that have nothing new below them. Not recursive: the depth is the sender's choice. */
export function toRows({ spans, printed }: CollectedTrace): SpanRow[] {
  const shown = findShown(spans, printed)
  const visible = (nodes: SpanNode[]) => nodes.filter((node) => shown.has(node.spanId))
  const rows: SpanRow[] = []
  const roots = visible(toTraces(spans)[0]?.roots ?? [])
  const pending = roots.toReversed().map((span): Place => ({ span, parent: undefined, branch: '', below: '' }))
  for (let place = pending.pop(); place; place = pending.pop()) {
    const { span, parent, branch, below } = place
    const children = visible(span.children)
    const indent = `${below}${children.length > 0 ? '│ ' : '  '}`
    rows.push({ span, parent, branch, indent, printed: printed.has(span.spanId) })
    const above = below.slice(0, MAX_INDENT)
    for (const child of children.toReversed()) {
      const last = child === children.at(-1)
      const branch = `${above}${last ? '└ ' : '├ '}`
      pending.push({ span: child, parent: span, branch, below: `${above}${last ? '  ' : '│ '}` })
    }
  }
  return rows
}

interface Place extends Pick<SpanRow, 'span' | 'parent' | 'branch'> {
  /** Before the branches of the children. */
  readonly below: string
}

function findShown(spans: CollectedTrace['spans'], printed: CollectedTrace['printed']): Set<string> {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const shown = new Set<string>()
  for (const span of spans) {
    if (printed.has(span.spanId)) continue
    // Up to an ancestor that is shown already, so a ring of parents ends as well.
    for (let at: typeof span | undefined = span; at && !shown.has(at.spanId); at = byId.get(at.parentSpanId ?? '')) {
      shown.add(at.spanId)
    }
  }
  return shown
}
