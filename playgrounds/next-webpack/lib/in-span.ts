/** Business code knows spans by plain `@opentelemetry/api`, and nothing of an SDK, an exporter or a flush. */
import { trace } from '@opentelemetry/api'

export function inSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
  return trace.getTracer('shop').startActiveSpan(name, (span) => work().finally(() => span.end()))
}
