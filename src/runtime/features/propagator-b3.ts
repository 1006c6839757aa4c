/** `propagators`: Zipkin's headers. */
import { createB3 } from '../b3.ts'
import type { Setup } from '../provider.ts'

/** @param isMulti whether a header for each part is written */
export function addB3(setup: Setup, isMulti: boolean): Setup {
  return { ...setup, propagators: [...(setup.propagators ?? []), createB3(isMulti)] }
}
