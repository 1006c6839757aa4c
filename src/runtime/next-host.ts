/** Who freezes Next.js, which only the request tells: whatever hosts it, or nobody. */
import type { Host } from '../contract.ts'
import { createFramework, type Framework } from './framework.ts'
import { env, extend, isFrozen, keepAwake, linger, resource } from './next-request.ts'
import { nextSpans } from './next-spans.ts'

type FrameworkHost = Host & { readonly framework: Framework; readonly observe: Framework['observe'] }

/** @param startInterval called where nobody freezes it. Default: each request is exported when it ends */
export function createNextHost(id: string, startInterval = () => {}): FrameworkHost {
  const framework: Framework = createFramework(nextSpans, () => host)
  const host: FrameworkHost = {
    id,
    env,
    deployed: isFrozen,
    resource,
    keepAlive(call, done, { mode }, invocation) {
      if (mode === 'await') return 'before'
      const keepAlive =
        mode === 'interval' ? mode : keepAwake(call, done, isFrozen(env()) ? 'before' : 'interval', invocation)
      if (keepAlive === 'interval') startInterval()
      return keepAlive
    },
    framework,
    observe: framework.observe,
    linger,
    extend: (_call, work) => extend(work),
  }
  return host
}
