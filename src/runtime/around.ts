/** Features that stand in the place of every kind, each around the one before. */
import type { Kind } from '../contract.ts'
import type { AnyKind } from './instrument.ts'
import type { Setup } from './provider.ts'

/** Whatever its handlers take and give. */
export type OpaqueKind = Kind<unknown, readonly unknown[], unknown>

/** @param replace called once a kind */
export function aroundKinds(setup: Setup, replace: (kind: OpaqueKind) => OpaqueKind): Setup {
  const replaced = new WeakMap<AnyKind, AnyKind>()
  return {
    ...setup,
    around(given) {
      const kind = setup.around?.(given) ?? given
      let own = replaced.get(kind)
      if (!own) replaced.set(kind, (own = replace(kind as unknown as OpaqueKind) as unknown as AnyKind))
      return own
    },
  }
}
