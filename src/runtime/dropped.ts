/** Spans that nobody will get: counted by their reason, until a root that is exported says so. */
import { diag } from '@opentelemetry/api'
import { quietly } from './quietly.ts'
import { slot } from './slot.ts'

/**
 * `retention`: over the limits of what is kept; `401` and the like: so answered; `not_otlp`: answered by a page;
 * `rejected`: the receiver took the others; `no_answer`: cut off, and may have arrived; `headers`: cannot be sent;
 * `not_encodable`: a span with an invalid date and the like; `orphan`: too many of no invocation;
 * `before_send`: the user's own function said so.
 */
export type Reason =
  | 'retention'
  | 'not_otlp'
  | 'rejected'
  | 'no_answer'
  | 'headers'
  | 'not_encodable'
  | 'orphan'
  | 'before_send'
  | `${number}`

/** How many spans, by reason. */
export type Dropped = ReadonlyMap<Reason, number>

/** Counts them, and what their roots would have said. */
export function drop(
  batches: readonly { readonly spans: number; readonly dropped?: Dropped | undefined }[],
  reason: Reason,
): void {
  for (const { spans, dropped } of batches) {
    quietly(() => diag.warn('[unplugin-otel]', `${spans} spans dropped: ${reason}`))
    count(reason, spans)
    restore(dropped)
  }
}

/** Nobody has read it. */
export function restore(before: Dropped | undefined): void {
  before?.forEach((spans, reason) => count(reason, spans))
}

function count(reason: Reason, spans: number): void {
  slot.dropped.set(reason, (slot.dropped.get(reason) ?? 0) + spans)
}

/** What was dropped and nobody has said; from now on somebody does. */
export function takeDropped(): Dropped {
  const dropped = new Map(slot.dropped)
  slot.dropped.clear()
  return dropped
}
