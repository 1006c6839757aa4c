import { SpanStatusCode, trace, type Span, type SpanOptions } from '@opentelemetry/api'
import { noteStart } from './ledger.ts'

const tracer = trace.getTracer('shop-front')

/** Runs `work` in a child span of whatever is active. */
export function inSpan<T>(name: string, work: (span: Span) => Promise<T>, options: SpanOptions = {}): Promise<T> {
  const parent = trace.getActiveSpan()
  return tracer.startActiveSpan(name, options, async (span) => {
    noteStart(parent, span)
    return work(span)
      .catch((error: Error) => {
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
        throw error
      })
      .finally(() => span.end())
  })
}
