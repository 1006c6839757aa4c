/** The edge entry: what the transform imports when a module's target is `edge`. No Node built-in at all. */
import { webCrypto } from './ids.ts'
import { createSetup } from './provider.ts'
import { fetchTransport } from './transport-fetch.ts'

export { instrument } from './instrument.ts'
export { instrumentMembers } from './members.ts'
export type { Setup } from './provider.ts'

export const setup = /* @__PURE__ */ createSetup(fetchTransport, webCrypto)
