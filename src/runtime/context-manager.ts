/** A context manager from its two primitives. */
import { ROOT_CONTEXT, type Context, type ContextManager } from '@opentelemetry/api'

export function createContextManager(
  active: () => Context | undefined,
  run: <T>(context: Context, call: () => T) => T,
): ContextManager {
  const manager: ContextManager = {
    active: () => active() ?? ROOT_CONTEXT,
    with: (context, fn, self, ...args) => run(context, () => fn.apply(self as never, args)),
    bind(context, target) {
      if (typeof target !== 'function') return target
      return new Proxy(target, { apply: (fn, self, args) => run(context, () => Reflect.apply(fn, self, args)) })
    },
    enable: () => manager,
    disable: () => manager,
  }
  return manager
}
