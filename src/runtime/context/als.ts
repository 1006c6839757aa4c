/**
 * Context that survives `await`, by AsyncLocalStorage. The only file that imports it: a Worker without
 * the flag for it does not even start when the import is there.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { ROOT_CONTEXT, type Context, type ContextManager } from '@opentelemetry/api'

export function als(): ContextManager {
  const storage = new AsyncLocalStorage<Context>()
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (context, fn, self, ...args) => storage.run(context, () => fn.apply(self as never, args)),
    bind(context, target) {
      if (typeof target !== 'function') return target
      return new Proxy(target, {
        apply: (fn, self, args) => storage.run(context, () => Reflect.apply(fn, self, args)),
      })
    },
    enable: () => manager,
    disable: () => manager,
  }
  return manager
}
