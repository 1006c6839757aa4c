/** What became of the spans that a function started: by its own ledger, by the receiver, and by what the roots say. */
import type { Receiver } from '../harness/otlp-receiver.ts'
import { startedIn } from '../suite/ledger.ts'
import type { FaultResult } from './fault-row.ts'

type Account = Pick<
  FaultResult,
  'started' | 'received' | 'unanswered' | 'kept' | 'recovered' | 'dropped' | 'duplicated' | 'ambiguous' | 'said'
> & {
  readonly keptAtLast: number
  /** Of the invocation with the error, those that did not arrive. */
  readonly lostWithError: number
}

/** @param arrivedBefore `<trace id>/<span id>` of what had arrived when the collector became well */
export function account(
  output: string,
  receiver: Receiver,
  arrivedBefore: ReadonlySet<string>,
  errorIn?: number,
): Account {
  const ledger = startedIn(output)
  const started = ledger.map(toKey)
  const received = new Set(receiver.spans.map(toKey))
  const deliveries = [...receiver.deliveries]
  const kept = Array.from(output.matchAll(/\bkept (\d+)/g), ([, spans]) => Number(spans))
  return {
    started: started.length,
    received: started.filter((span) => received.has(span)).length,
    unanswered: deliveries.filter(([, { taken, unanswered }]) => unanswered > 0 && taken === 0).length,
    kept: kept[0]!,
    keptAtLast: kept[1]!,
    lostWithError: ledger.filter((span) => span.id === `${errorIn}` && !received.has(toKey(span))).length,
    recovered: startedBefore(output).filter((span) => received.has(span) && !arrivedBefore.has(span)).length,
    dropped: droppedOf(receiver),
    duplicated: deliveries.filter(([, { taken }]) => taken > 1).length,
    ambiguous: deliveries.filter(([, { taken, unanswered }]) => unanswered > 0 && taken + unanswered > 1).length,
    said: [...new Set(Array.from(output.matchAll(/\b(UO2\d\d) unpkg/g), ([, code]) => code!))],
  }
}

/** Up to the first report, which is the last invocation under the fault. */
function startedBefore(output: string): string[] {
  const second = output.lastIndexOf('kept ')
  return startedIn(output.slice(0, second)).map(toKey)
}

function toKey({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }): string {
  return `${traceId}/${spanId}`
}

/** As the roots say that were received. */
function droppedOf({ spans }: Receiver): FaultResult['dropped'] {
  const roots = new Map(spans.map(({ spanId, attributes }) => [spanId, attributes]))
  const counts = [...roots.values()].map((attributes) => Number(attributes['otel.dropped_spans'] ?? 0))
  const reasons = [...roots.values()].flatMap((attributes) => attributes['otel.dropped_reasons'] ?? []) as string[]
  return { spans: counts.reduce((sum, count) => sum + count, 0), reasons: [...new Set(reasons)] }
}
