import { existsSync, readFileSync } from 'node:fs'
import type { ReceivedSpan } from '../../src/cli/otlp-span.ts'

/** One line of the file that the function under test writes (see `ledger-span.ts`). */
export interface LedgerSpan {
  traceId: string
  spanId: string
  name: string
  /** `false`: the span was not sampled and must not arrive. */
  recording?: false
}

export interface LedgerComparison {
  /** Recording spans in the ledger. */
  started: number
  /** How many of those arrived, each counted once. */
  received: number
  lost: LedgerSpan[]
  /** Among all received spans, also those that the ledger does not know. */
  duplicated: { spanId: string; times: number }[]
  /** Received, but not started as recording in the ledger: for example the invocation's own span. */
  unexpected: ReceivedSpan[]
}

export function readLedger(file: string): LedgerSpan[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter(Boolean).map((line) => JSON.parse(line) as LedgerSpan)
}

export function compareLedger(started: readonly LedgerSpan[], received: readonly ReceivedSpan[]): LedgerComparison {
  const recording = started.filter((span) => span.recording !== false)
  const known = new Set(recording.map(key))
  const times = new Map<string, number>()
  for (const span of received) times.set(key(span), (times.get(key(span)) ?? 0) + 1)
  const lost = recording.filter((span) => !times.has(key(span)))
  return {
    started: recording.length,
    received: recording.length - lost.length,
    lost,
    duplicated: [...times]
      .filter(([, count]) => count > 1)
      .map(([id, count]) => ({ spanId: id.split('/')[1]!, times: count })),
    unexpected: received.filter((span) => !known.has(key(span))),
  }
}

function key(span: { traceId: string; spanId: string }): string {
  return `${span.traceId}/${span.spanId}`
}
