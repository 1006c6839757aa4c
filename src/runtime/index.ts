/**
 * The manual API, `unplugin-otel/runtime`: the same names on every target. It knows no target and holds
 * no state of its own: spans go through `@opentelemetry/api`, so without a provider (tests, browsers,
 * plugin disabled) everything here runs the user's code and nothing else.
 */
import { trace, type Span, type SpanOptions } from '@opentelemetry/api'
import { flushForeign } from './foreign.ts'
import { takeEnded } from './invocation.ts'
import { slot } from './slot.ts'
import { applyError } from './outcome.ts'
import { quietly } from './quietly.ts'

/**
 * Runs `run` in a span of its own and ends it when `run` returns or its promise settles. What is thrown
 * is recorded and thrown again.
 * @param name the span's name: low cardinality, no ids
 */
export function traced<T>(name: string, run: (span: Span) => T, options: SpanOptions = {}): T {
  return trace.getTracer('unplugin-otel/runtime').startActiveSpan(name, options, (span) => {
    const fail = (error: unknown): never => {
      quietly(() => applyError(span, error))
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

/**
 * Exports what has ended so far, within `flush.budgetMs`. Never needed in a wrapped handler: its
 * invocation is flushed when it ends. Never rejects.
 */
export async function flush(): Promise<void> {
  const { tracing } = slot
  if (!tracing) return
  const { budgetMs } = tracing.flush
  if (!tracing.export) return flushForeign(tracing.foreign!, budgetMs, true)
  const { exporter, inFlight } = tracing.export
  await exporter.flush(takeEnded(slot.active), inFlight(), budgetMs, true)
}
