/** What the journal says about the promise: the caller has the response first, then we export, then we let go. */
import type { Entry, Journal } from '../harness/journal.ts'

export interface Order {
  /** Request ids whose export began before the last byte of the response. */
  readonly tooEarly: string[]
  /** Those of which we asked for the next event before the collector had answered, more than once, or never. */
  readonly letGoTooEarly: string[]
  /** OTLP requests of each invocation. */
  readonly requests: number[]
}

export function orderOf(journal: Journal): Order {
  const order: Order = { tooEarly: [], letGoTooEarly: [], requests: [] }
  for (const events of byInvocation(journal)) {
    const id = String(events[0]!.requestId)
    const seq = (type: string) => events.filter((entry) => entry.type === type).map((entry) => entry.seq)
    const [responded = Infinity] = seq('response-last-byte')
    const begun = seq('otlp-first-byte')
    const answered = seq('otlp-answered')
    const next = seq('extension-next')
    if (Math.min(...begun) < responded) order.tooEarly.push(id)
    if (next.length !== 1 || Math.max(...answered) > next[0]!) order.letGoTooEarly.push(id)
    order.requests.push(begun.length)
  }
  return order
}

/** The entries from each release to the next. */
function byInvocation(journal: Journal): Entry[][] {
  const invocations: Entry[][] = []
  for (const entry of journal.entries) {
    if (entry.type === 'invoke-released') invocations.push([])
    invocations.at(-1)?.push(entry)
  }
  return invocations
}
