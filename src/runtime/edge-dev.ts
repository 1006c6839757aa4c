/** The edge entry in Vite's dev server. */
export { instrument, setup } from './edge.ts'
export type { Setup } from './edge.ts'
export { instrumentMembers } from './members-dev.ts'
