/**
 * Next.js on Node: a function of Vercel or of an adapter, which have a request context, or a server of one's own
 * (`next start`, standalone output), which nobody freezes.
 * https://nextjs.org/docs/app/guides/self-hosting
 */
import { exportByInterval } from '../interval.ts'
import { createNextHost } from '../next-host.ts'

export const host = /* @__PURE__ */ createNextHost('next-server', exportByInterval)
