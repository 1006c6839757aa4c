/** Thrown errors and known outcomes → span status and attributes. */
import { SpanStatusCode, type Span } from '@opentelemetry/api'
import type { Outcome } from '../contract.ts'
import { ERROR_TYPE } from './semconv.ts'

/** Success leaves the status unset: `OK` is for users, not for instrumentation. */
export function applyOutcome(span: Span, outcome: Outcome): void {
  if (outcome.attributes) span.setAttributes(outcome.attributes)
  if (outcome.errorType === undefined) return
  span.setAttribute(ERROR_TYPE, outcome.errorType)
  span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.message! })
}

/** Whatever was thrown, an `Error` or not. */
export function applyError(span: Span, error: unknown): void {
  // First: what follows asks what was thrown for its properties, which may throw, too.
  span.setStatus({ code: SpanStatusCode.ERROR })
  const isObject = typeof error === 'object' && error !== null
  const thrown = (isObject ? error : { name: typeof error, message: String(error) }) as Partial<Error>
  const type = thrown.name || thrown.constructor?.name || typeof error
  const message = typeof thrown.message === 'string' ? thrown.message : ''
  span.recordException({ name: type, message, ...(typeof thrown.stack === 'string' ? { stack: thrown.stack } : {}) })
  applyOutcome(span, { errorType: type, message })
}
