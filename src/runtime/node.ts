/** The node entry: what the transform imports when a module's target is `node`. */
import { createSetup } from './provider.ts'
import { kernel } from './random-node.ts'
import { nodeTransport } from './transport-node.ts'

export { instrument } from './instrument.ts'
export { instrumentMembers } from './members.ts'
export type { Setup } from './provider.ts'

export const setup = /* @__PURE__ */ createSetup(nodeTransport, kernel)
