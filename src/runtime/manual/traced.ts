import type { Span, SpanOptions } from '@opentelemetry/api'
import { applyError } from '../outcome.ts'
import { quietly } from '../quietly.ts'
import { getTracer } from './scope.ts'
import { sentOn } from './send-exception.ts'

/**
 * Runs `run` in a span of its own and ends it when `run` returns or its promise settles. What is thrown
 * is recorded and thrown again.
 * @param name the span's name: low cardinality, no ids
 */
export function traced<T>(name: string, run: (span: Span) => T, options: SpanOptions = {}): T {
  return getTracer().startActiveSpan(name, options, (span) => {
    const fail = (error: unknown): never => {
      quietly(() => sentOn(error) === span || applyError(span, error))
      span.end()
      throw error
    }
    let result: T
    try {
      result = run(span)
    } catch (error) {
      return fail(error)
    }
    if (!(result instanceof Promise)) {
      span.end()
      return result
    }
    return result.then((value: unknown) => {
      span.end()
      return value
    }, fail) as T
  })
}
