/**
 * Cloudflare's workerd ends a request's context when the response is sent, unless `waitUntil` holds it.
 * Everything made inside a request (promises, timers, streams) is bound to it.
 * https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil
 */
import type { Attributes } from '@opentelemetry/api'
import type { Call, Env, Exporting, Host, Invocation, KeepAlive } from '../../contract.ts'
import { untilSpansEnd } from '../open-spans.ts'
import { observeWaitUntil, originalWaitUntil } from '../wait-until.ts'
import { scopeOf, type ExecutionContext } from '../workerd-context.ts'

declare const process: { readonly env?: Env } | undefined

export const host: Host = {
  id: 'workerd',
  env,
  // No variable tells a deployed Worker from one on a developer's machine; the request's host does.
  deployed(_env, call) {
    const event = call?.args[0] as { readonly url: string; readonly request?: Request }
    return !/^https?:\/\/(localhost|127(\.\d+){3}|\[::1])[:/]/.test((event?.request ?? event)?.url)
  },
  resource: (): Attributes => ({ 'cloud.provider': 'cloudflare', 'cloud.platform': 'cloudflare.workers' }),
  keepAlive,
  // Time without CPU is not billed: https://developers.cloudflare.com/workers/platform/pricing/#workers
  linger,
  constructs: ([ctx]) => typeof (ctx as Partial<ExecutionContext> | undefined)?.waitUntil === 'function',
  extend: (call, work) => originalWaitUntil(scopeOf(call).ctx)?.(work),
}

/** A batch of a queue is not done before that, so the next one would come later: without us it waits for no span. */
async function linger(invocation: Invocation, { args: [event] }: Call): Promise<void> {
  if (!(Object(event) === event && 'ackAll' in (event as object))) await untilSpansEnd(invocation)
}

/** Bindings over `process.env`, which newer compatibility dates fill. A binding may be any JSON. */
function env(call?: Call): Env {
  const found: Record<string, string> = {}
  const all = { ...(typeof process === 'object' ? process.env : {}), ...(call && scopeOf(call).bindings) }
  for (const [name, value] of Object.entries(all))
    if (/^(OTEL_|SERVICE_VERSION$)/.test(name)) found[name] = String(value)
  return found
}

function keepAlive(call: Call, done: Promise<void>, { mode }: Exporting, invocation: Invocation): KeepAlive {
  if (mode === 'await') return 'before'
  const { ctx } = scopeOf(call)
  const waitUntil = originalWaitUntil(ctx)
  // Called outside workerd, in the user's unit test.
  if (!waitUntil) return 'interval'
  observeWaitUntil(ctx!, invocation, done)
  waitUntil(done)
  return 'after'
}
