import type { Setup } from '../provider.ts'
import { quietly } from '../quietly.ts'

/** Calls `install` when our provider is made, with the first invocation: not at load, and never where another records. */
export function whenTracing(setup: Setup, install: () => void): Setup {
  return {
    ...setup,
    observe(exporter) {
      setup.observe?.(exporter)
      quietly(install)
    },
  }
}
