/**
 * Context for runtimes without AsyncLocalStorage: it holds until the first `await`. What is started
 * later needs its parent handed over: `traced(name, (span) => …)`, `trace.setSpan(context, span)`.
 */
import type { Context, ContextManager } from '@opentelemetry/api'
import { createContextManager } from '../context-manager.ts'

export function stack(): ContextManager {
  let active: Context | undefined
  return createContextManager(
    () => active,
    (context, call) => {
      const outer = active
      active = context
      try {
        return call()
      } finally {
        active = outer
      }
    },
  )
}
