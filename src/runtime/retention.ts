/** Batches that wait for the collector, bounded: those that definitely did not arrive, and those that were not tried. */
import { drop, type Dropped } from './dropped.ts'
import { slot } from './slot.ts'

/** Encoded spans. Plain data: it outlives invocations. */
export interface Batch {
  readonly body: Uint8Array
  /** How many. */
  readonly spans: number
  readonly hasError: boolean
  /** Epoch milliseconds. */
  readonly at: number
  /** What its root says of others. */
  readonly dropped?: Dropped | undefined
}

export const MAX_RETAINED_BYTES = 1_048_576

/** Keeps them by their age. */
export function retain(batches: readonly Batch[]): void {
  slot.retained.push(...batches)
  slot.retained.sort((a, b) => a.at - b.at)
}

/** Drops what is over the limits: what is so by itself, the oldest batch without an error, then the oldest. False: nothing was. */
export function trimRetained(maxSpans: number): boolean {
  const { retained } = slot
  for (let wasOver = false; ; wasOver = true) {
    let spans = 0
    let bytes = 0
    for (const batch of retained) {
      spans += batch.spans
      bytes += batch.body.length
    }
    if (spans <= maxSpans && bytes <= MAX_RETAINED_BYTES) return wasOver
    const alone = retained.findIndex((batch) => batch.spans > maxSpans || batch.body.length > MAX_RETAINED_BYTES)
    const first = alone < 0 ? retained.findIndex(({ hasError }) => !hasError) : alone
    drop(retained.splice(Math.max(0, first), 1), 'retention')
  }
}

/** All that is kept, the oldest first, in as few requests as that many spans and bytes allow. */
export function takeRequests(maxSpans: number, maxBytes: number): Batch[][] {
  const requests: Batch[][] = []
  let spans = Infinity
  let bytes = 0
  for (const batch of slot.retained.splice(0)) {
    spans += batch.spans
    bytes += batch.body.length
    if (spans > maxSpans || bytes > maxBytes) {
      requests.push([])
      spans = batch.spans
      bytes = batch.body.length
    }
    requests.at(-1)!.push(batch)
  }
  return requests
}
