/** What became of each span on its way into a receiver: the same one may come more than once. */
import type { ReceivedSpan } from '../../src/cli/otlp-span.ts'

export interface Delivery {
  /** Received whole and answered: taken. */
  taken: number
  /** Received whole, and answered that it is not taken. */
  refused: number
  /** Received whole and not answered, or not yet: whether it is taken, nobody can tell the sender. */
  unanswered: number
  /** The connection broke before the body was read, as far as its bytes were there. */
  cut: number
}

export interface Deliveries {
  /** By trace id and span id, with a slash between. */
  readonly all: ReadonlyMap<string, Delivery>
  /** Call what it returns when the answer is out. */
  whole(spans: readonly ReceivedSpan[]): (how: 'taken' | 'refused') => void
  cut(spans: readonly ReceivedSpan[]): void
  reset(): void
}

export function createDeliveries(): Deliveries {
  const all = new Map<string, Delivery>()
  const of = ({ traceId, spanId }: ReceivedSpan): Delivery => {
    const key = `${traceId}/${spanId}`
    const delivery = all.get(key) ?? { taken: 0, refused: 0, unanswered: 0, cut: 0 }
    all.set(key, delivery)
    return delivery
  }
  return {
    all,
    whole(spans) {
      for (const span of spans) of(span).unanswered++
      return (how) => {
        for (const span of spans) {
          of(span).unanswered--
          of(span)[how]++
        }
      }
    },
    cut(spans) {
      for (const span of spans) of(span).cut++
    },
    reset: () => all.clear(),
  }
}
