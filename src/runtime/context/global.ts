/** AsyncLocalStorage where it is a global, and importing it is frowned upon: Next's edge runtime. */
import type { Context, ContextManager } from '@opentelemetry/api'
import { createContextManager } from '../context-manager.ts'

interface Storage {
  getStore(): Context | undefined
  run<R>(context: Context, run: () => R): R
}

export function global(): ContextManager {
  const storage = new (globalThis as unknown as { AsyncLocalStorage: new () => Storage }).AsyncLocalStorage()
  return createContextManager(
    () => storage.getStore(),
    (context, call) => storage.run(context, call),
  )
}
