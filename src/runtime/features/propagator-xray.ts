/** `propagators`: the header of AWS X-Ray. */
import type { Setup } from '../provider.ts'
import { xray } from '../xray.ts'

export function addXray(setup: Setup): Setup {
  return { ...setup, propagators: [...(setup.propagators ?? []), xray] }
}
