import { SpanStatusCode, trace, type Span } from '@opentelemetry/api'
import { noteStart } from './ledger.ts'

const tracer = trace.getTracer('orders')

/** Runs `work` in a child span of whatever is active. */
export function inSpan<T>(name: string, work: (span: Span) => Promise<T>): Promise<T> {
  const parent = trace.getActiveSpan()
  return tracer.startActiveSpan(name, async (span) => {
    noteStart(parent, span)
    try {
      return await work(span)
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message })
      throw error
    } finally {
      span.end()
    }
  })
}
