/**
 * Context that survives `await`, by AsyncLocalStorage. The only file that imports it: a Worker without
 * the flag for it does not even start when the import is there.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Context, ContextManager } from '@opentelemetry/api'
import { createContextManager } from '../context-manager.ts'

export function als(): ContextManager {
  const storage = new AsyncLocalStorage<Context>()
  return createContextManager(
    () => storage.getStore(),
    (context, call) => storage.run(context, call),
  )
}
