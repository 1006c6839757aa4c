/**
 * Next.js on the edge runtime. `next start` runs it in the server's process, where a request that nobody waits for
 * goes on. https://nextjs.org/docs/app/api-reference/edge
 */
import type { Host } from '../../contract.ts'
import { createFramework, type Framework } from '../framework.ts'
import { env, isFrozen, keepAwake, requestContext, resource } from '../next-request.ts'
import { nextSpans } from '../next-spans.ts'

export const host: Host & { framework: Framework } = {
  id: 'next-edge',
  env,
  deployed: isFrozen,
  resource,
  keepAlive(call, done, { mode }) {
    if (mode === 'await') return 'before'
    return mode === 'interval' ? mode : keepAwake(call, done, isFrozen(env()) ? 'before' : 'interval')
  },
  framework: createFramework(nextSpans, () => host),
  extend: (_call, work) => requestContext()?.waitUntil?.(work),
}
