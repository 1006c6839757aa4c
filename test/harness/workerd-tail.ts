import { loadMiniflare, type MiniflareWorkerOptions } from './workerd-miniflare.ts'
import type { TailReport } from './workerd-invocations.ts'

/**
 * A streaming tail Worker gets an invocation's outcome after the last of its `waitUntil` promises has settled, and needs
 * neither a flag nor a line in the Worker it watches.
 * https://developers.cloudflare.com/workers/observability/logs/tail-workers/
 */
const SCRIPT = `let sequence = 0
export default {
  tailStream({ invocationId: id, event: { info, entrypoint } }, env, ctx) {
    const { worker } = ctx.props
    const report = (details) => {
      const body = JSON.stringify({ id, worker, kind: info.type, entrypoint, boot: env.BOOT, sequence: sequence++, ...details })
      ctx.waitUntil(env.HOST.fetch('http://host/', { method: 'POST', body }))
    }
    report({ type: 'onset' })
    return {
      exception: ({ event }) => report({ type: 'exception', message: event.name + ': ' + event.message }),
      outcome: ({ event }) => report({ type: 'outcome', outcome: event.outcome }),
    }
  },
}`

export const TAIL = 'harness-tail'

export function toTailWorker(boot: number, receive: (report: TailReport) => void): MiniflareWorkerOptions {
  const { Response } = loadMiniflare()
  return {
    name: TAIL,
    modules: [{ type: 'ESModule', path: '/tail.js', contents: SCRIPT }],
    modulesRoot: '/',
    compatibilityDate: '2026-07-01',
    compatibilityFlags: ['streaming_tail_worker', 'experimental'],
    bindings: { BOOT: boot },
    serviceBindings: {
      async HOST(request) {
        receive((await request.json()) as TailReport)
        return new Response()
      },
    },
  }
}
