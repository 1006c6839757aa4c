import { trace, type Span, type Tracer } from '@opentelemetry/api'
import { requireAsyncContext } from './async-context.ts'

/** With the instrumentation scope of what is created by hand. */
export const getTracer = (): Tracer => trace.getTracer('unplugin-otel/runtime')

/**
 * Calls `record` with the active span if it still takes something, else with a new one of that name that has no length.
 * A parent that is not sampled makes none that is recorded.
 */
export function onSpan(name: string, record: (span: Span, isNew: boolean) => void): void {
  const active = trace.getActiveSpan()
  if (active?.isRecording()) return record(active, false)
  if (!active) requireAsyncContext()
  const now = Date.now()
  const span = getTracer().startSpan(name, { startTime: now })
  record(span, true)
  span.end(now)
}
