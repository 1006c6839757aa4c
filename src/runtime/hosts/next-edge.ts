/**
 * Next.js on the edge runtime. `next start` runs it in the server's process, where a request that nobody waits for
 * goes on. https://nextjs.org/docs/app/api-reference/edge
 */
import { createNextHost } from '../next-host.ts'

export const host = /* @__PURE__ */ createNextHost('next-edge')
