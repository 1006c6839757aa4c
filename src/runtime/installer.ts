/**
 * Handlers that are given to a registering function. They are wrapped when they are registered, which may be before
 * the entry has said how it is set up: that is looked up when they are called. Each bundle has an installer of its own.
 */
import { invoke, type AnyKind, type Handler } from './instrument.ts'
import type { HandlerMeta, Kind } from '../contract.ts'
import type { Setup } from './provider.ts'
import { slot } from './slot.ts'

/** What the host cannot find among the arguments. */
type Scope = (args: readonly unknown[]) => readonly unknown[]

export interface Installer {
  /** What the entry calls. */
  readonly install: (setup: Setup) => void
  /** Until then, and if that never comes, the handler runs as it is. What is not a function is returned as it is. */
  readonly wrap: <H, This, Args extends readonly unknown[], R>(
    kind: Kind<This, Args, R>,
    handler: H,
    name: string,
    scope?: Scope,
  ) => H
}

export function createInstaller(): Installer {
  let installed: Setup | undefined
  return {
    install(setup) {
      installed = setup
    },
    wrap(kind, handler, name, scope) {
      // By an installer of another bundle or by hand: it has a setup, this one may never get any.
      if (typeof handler !== 'function' || slot.wrappers.has(handler)) return handler
      const original = handler as unknown as Handler
      // Where it stands in the source only the build could tell.
      const meta = { name } as HandlerMeta
      const wrapper = new Proxy(original, {
        apply(target, self, args) {
          if (!installed) return Reflect.apply(target, self, args)
          const call = { self, args, arity: target.length, meta, ...(scope && { scope: scope(args) }) }
          return invoke(kind as unknown as AnyKind, target, call, installed)
        },
      })
      slot.wrappers.set(wrapper, original)
      return wrapper as unknown as typeof handler
    },
  }
}

/** `import functions from`: of a CommonJS package, that is all that it exports. */
export function toDefaultExport(original: object, changed: object): object {
  return { ...((Reflect.get(original, 'default') as object | undefined) ?? original), ...changed }
}
