/** AsyncLocalStorage wherever the runtime has it, without an import that would keep it from starting; else the stack. */
import type { Context, ContextManager } from '@opentelemetry/api'
import { createContextManager } from '../context-manager.ts'
import { stack } from './stack.ts'

interface Storage {
  getStore(): Context | undefined
  run<R>(context: Context, run: () => R): R
}
interface Globals {
  readonly AsyncLocalStorage?: new () => Storage
  readonly process?: { getBuiltinModule?(id: string): { readonly AsyncLocalStorage?: new () => Storage } | undefined }
}

export function available(): ContextManager {
  const { AsyncLocalStorage, process } = globalThis as Globals
  const Storage = AsyncLocalStorage ?? process?.getBuiltinModule?.('node:async_hooks')?.AsyncLocalStorage
  if (!Storage) return stack()
  const storage = new Storage()
  return createContextManager(
    () => storage.getStore(),
    (context, call) => storage.run(context, call),
  )
}
