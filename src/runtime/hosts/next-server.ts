/**
 * Next.js on Node: a function of Vercel or of an adapter, which have a request context, or a server of one's own
 * (`next start`, standalone output), which nobody freezes.
 * https://nextjs.org/docs/app/guides/self-hosting
 */
import type { Host } from '../../contract.ts'
import { exportByInterval } from '../interval.ts'
import { adoptNextSpan, env, isFrozen, isStartup, keepAwake, requestContext, resource } from '../next-request.ts'

export const host: Host = {
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
  begins: (span, parent) => adoptNextSpan(span, parent, host),
  ignores: isStartup,
  extend: (_call, work) => requestContext()?.waitUntil?.(work),
}
