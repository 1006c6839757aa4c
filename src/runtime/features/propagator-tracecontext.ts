/** `propagators`: W3C trace context. */
import { w3c } from '../propagation.ts'
import type { Setup } from '../provider.ts'

export function addTraceContext(setup: Setup): Setup {
  return { ...setup, propagators: [...(setup.propagators ?? []), w3c] }
}
