/** What the demo says, as plain data: `--json` prints it as it is, `print.ts` as a table. */
import { COLLECTOR_DELAY_MS, type Measured } from './measure.ts'
import type { LedgerSpan } from '../../test/harness/ledger.ts'
import type { ReceivedTrace, SpanNode } from '../../test/harness/otlp-receiver.ts'
import type { VariantId } from './variants.ts'

/** `STATUS_CODE_ERROR` of OTLP. */
const ERROR = 2

export interface VariantFacts {
  id: VariantId
  label: string
  invocations: number
  started: number
  lost: number
  lostSpans: LedgerSpan[]
  duplicated: number
  /** Arrived, but never started according to the ledger. */
  unexpected: number
  /** Traces of which a parent is missing. */
  brokenTraces: number
  requestsPerInvocation: number
  /** Medians of the differences to the bare handler in the same round. */
  addedMs: number
  billedMs: number
}

export interface SpanFacts {
  name: string
  ms: number
  error?: string
  children: SpanFacts[]
}

export interface Facts {
  node: string
  collectorDelayMs: number
  /** The median response of the handler without telemetry. */
  bareMs: number
  variants: VariantFacts[]
  /** Of `otel()`; null: it did not arrive. */
  traces: Record<'warm' | 'failing' | 'streamed', SpanFacts | null>
}

export function toFacts(measured: Measured[]): Facts {
  const [bare, ours] = (['bare', 'e'] as const).map((id) => measured.find(({ variant }) => variant.id === id)!)
  const { warm, failing, streamed } = ours!.traces
  // Losing none of none would be no news: with VITEST set, for example, otel() is off.
  for (const { variant, spans } of measured) {
    if (variant.id !== 'bare' && spans.started === 0) throw new Error(`variant ${variant.id} started no span`)
  }
  return {
    node: process.version,
    collectorDelayMs: COLLECTOR_DELAY_MS,
    bareMs: round(median(bare!.responseMs)),
    variants: measured.filter((one) => one !== bare).map((one) => compare(one, bare!)),
    traces: { warm: toTree(warm), failing: toTree(failing), streamed: toTree(streamed) },
  }
}

function compare(
  { variant, invocations, spans, requests, allTraces, ...times }: Measured,
  bare: Measured,
): VariantFacts {
  const { id, label } = variant
  return {
    id,
    label,
    invocations,
    started: spans.started,
    lost: spans.lost.length,
    lostSpans: spans.lost,
    duplicated: spans.duplicated.length,
    unexpected: spans.unexpected.length,
    brokenTraces: allTraces.filter(({ roots }) => roots.length !== 1 || roots[0]!.parentSpanId).length,
    requestsPerInvocation: round(requests / invocations),
    addedMs: round(median(times.responseMs.map((ms, at) => ms - bare.responseMs[at]!))),
    billedMs: round(median(times.busyMs.map((ms, at) => ms - bare.busyMs[at]!))),
  }
}

function toTree(trace: ReceivedTrace | undefined): SpanFacts | null {
  return trace ? toSpan(trace.roots[0]!) : null
}

function toSpan({ name, startMs, endMs, status, children }: SpanNode): SpanFacts {
  const error = status.code === ERROR ? { error: status.message ?? '' } : {}
  return { name, ms: round(endMs - startMs), ...error, children: children.map(toSpan) }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
