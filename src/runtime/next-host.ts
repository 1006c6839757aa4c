/** Who freezes Next.js, which only the request tells: whatever hosts it, or nobody. */
import type { Host } from '../contract.ts'
import { createFramework, type Framework } from './framework.ts'
import { env, isFrozen, keepAwake, requestContext, resource } from './next-request.ts'
import { nextSpans } from './next-spans.ts'

/** @param startInterval called where nobody freezes it. Default: each request is exported when it ends */
export function createNextHost(id: string, startInterval = () => {}): Host & { readonly framework: Framework } {
  const host: Host & { readonly framework: Framework } = {
    id,
    env,
    deployed: isFrozen,
    resource,
    keepAlive(call, done, { mode }) {
      if (mode === 'await') return 'before'
      const keepAlive = mode === 'interval' ? mode : keepAwake(call, done, isFrozen(env()) ? 'before' : 'interval')
      if (keepAlive === 'interval') startInterval()
      return keepAlive
    },
    framework: createFramework(nextSpans, () => host),
    extend: (_call, work) => requestContext()?.waitUntil?.(work),
  }
  return host
}
