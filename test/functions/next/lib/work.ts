/** Imported by every route: Next loads a copy of it, and of what it imports, for each. */
import { trace } from '@opentelemetry/api'

export async function work<T>(name: string, value: T, ms = 2): Promise<T> {
  return trace.getTracer('app').startActiveSpan(name, async (span) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    span.end()
    return value
  })
}
