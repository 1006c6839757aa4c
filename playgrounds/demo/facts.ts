/** What the demo says, as plain data: `--json` prints it as it is, `print.ts` as tables and trees. */
import type { LedgerComparison, LedgerSpan } from '../../test/harness/ledger.ts'
import type { ReceivedSpan, ReceivedTrace } from '../../test/harness/otlp-receiver.ts'

/** As OTLP counts: https://opentelemetry.io/docs/specs/otlp/ */
const CLIENT = 3

/** One variant on one platform. */
export interface Measured {
  variant: { id: string; label: string; isOurs: boolean }
  invocations: number
  spans: LedgerComparison
  requests: number
  /** What the caller waited, round by round, for those invocations that are compared. */
  responseMs: number[]
  /** How long the environment was busy after the response, where that is billed. */
  busyMs?: number[]
  traces: ReceivedTrace[]
}

export interface VariantFacts {
  id: string
  label: string
  isOurs: boolean
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
  /** Medians of the differences to no telemetry in the same round. */
  addedMs: number
  billedMs?: number
}

export interface PlatformFacts {
  /** The median response without telemetry. */
  bareMs: number
  variants: VariantFacts[]
}

export interface Facts {
  node: string
  collectorDelayMs: number
  /** With traces of `otel()`. */
  lambda: PlatformFacts & { calls: number; traces: { label: string; spans: ReceivedSpan[] }[] }
  worker: PlatformFacts & { calls: number; evictions: number }
  joined: JoinedFacts
}

/** The trace that begins in the Worker. */
export interface JoinedFacts {
  spans: ReceivedSpan[]
  /** Whether the function's root is a child in it. */
  isOne: boolean
}

/** Compares each with the first, which has no telemetry. */
export function compareAll([bare, ...others]: Measured[]): PlatformFacts {
  // Losing none of none would be no news: with VITEST set, for example, otel() is off.
  for (const { variant, spans } of others) {
    if (spans.started === 0) throw new Error(`variant ${variant.id} started no span`)
  }
  return { bareMs: round(median(bare!.responseMs)), variants: others.map((one) => compare(one, bare!)) }
}

/** Those of ours that lost a span. */
export function findLosers({ variants }: PlatformFacts): VariantFacts[] {
  return variants.filter(({ isOurs, lost }) => isOurs && lost > 0)
}

function compare({ variant, invocations, spans, requests, traces, ...times }: Measured, bare: Measured): VariantFacts {
  const addedTo = (control: number[], ours: number[]) => round(median(ours.map((ms, at) => ms - control[at]!)))
  return {
    ...variant,
    invocations,
    started: spans.started,
    lost: spans.lost.length,
    lostSpans: spans.lost,
    duplicated: spans.duplicated.length,
    // What `otel()` makes of calls of the shop nobody has started by hand.
    unexpected: spans.unexpected.filter(({ kind }) => kind !== CLIENT).length,
    brokenTraces: traces.filter(({ roots }) => roots.length !== 1 || roots[0]!.parentSpanId).length,
    requestsPerInvocation: round(requests / invocations),
    addedMs: addedTo(bare.responseMs, times.responseMs),
    ...(bare.busyMs && times.busyMs && { billedMs: addedTo(bare.busyMs, times.busyMs) }),
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
