/** Runs what the platform asks for later inside of a span, whatever the context manager does. */
import { context, trace, type Span } from '@opentelemetry/api'
import { quietly } from './quietly.ts'

/**
 * The manager may be the user's own, and fail before, or after: `run` is called once.
 * @param run must not throw
 */
export function inSpan<T>(span: Span, run: () => T): T {
  let done: [T] | undefined
  const runOnce = () => (done ??= [run()])
  quietly(() => context.with(trace.setSpan(context.active(), span), runOnce))
  return runOnce()[0]
}
