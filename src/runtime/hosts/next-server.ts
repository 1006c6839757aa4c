/**
 * Next.js on Node: a function of Vercel or of an adapter, which have a request context, or a server of one's own
 * (`next start`, standalone output), which nobody freezes.
 * https://nextjs.org/docs/app/guides/self-hosting
 */
import type { Host } from '../../contract.ts'
import { createFramework, type Framework } from '../framework.ts'
import { exportByInterval } from '../interval.ts'
import { env, isFrozen, keepAwake, requestContext, resource } from '../next-request.ts'
import { nextSpans } from '../next-spans.ts'

export const host: Host & { framework: Framework } = {
  id: 'next-server',
  env,
  deployed: isFrozen,
  resource,
  keepAlive(call, done, { mode }) {
    if (mode === 'await') return 'before'
    const keepAlive = mode === 'interval' ? mode : keepAwake(call, done, isFrozen(env()) ? 'before' : 'interval')
    if (keepAlive === 'interval') exportByInterval()
    return keepAlive
  },
  framework: createFramework(nextSpans, () => host),
  extend: (_call, work) => requestContext()?.waitUntil?.(work),
}
