import type { Attributes, Span } from '@opentelemetry/api'
import { applyError } from '../outcome.ts'
import { quietly } from '../quietly.ts'
import { slot } from '../slot.ts'
import { onSpan } from './scope.ts'

/**
 * Records an error that you have caught: an `exception` event with type, message and stack, `error.type`, and the status
 * ERROR of the active span, which keeps its trace whatever the sampling ratio is. Without an active span, or once it
 * has ended, a span `exception` without a length stands for it. The same error object is recorded once. Never throws.
 * @param error what was thrown, an `Error` or not
 * @param attributes of the span that it is recorded on. Default: none
 */
export function sendException(error: unknown, attributes: Attributes = {}): void {
  quietly(() => {
    if (sentOn(error)) return
    onSpan('exception', (span) => {
      if (Object(error) === error) (slot.sent ??= new WeakMap()).set(error as object, span)
      applyError(span, error)
      span.setAttributes(attributes)
    })
  })
}

/** The span on which it was recorded. */
export function sentOn(error: unknown): Span | undefined {
  return slot.sent?.get(error as object)
}
