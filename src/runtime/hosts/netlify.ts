/**
 * Netlify runs functions on AWS Lambda, which freezes them when they have answered and what `context.waitUntil` was
 * given has settled; those of `(event, context)` have no such thing. At the edge it runs Deno.
 * https://docs.netlify.com/build/functions/api/#waituntil
 */
import type { Attributes } from '@opentelemetry/api'
import type { Call, Env, Exporting, Host, Invocation, KeepAlive } from '../../contract.ts'
import { observeDeadline } from '../deadline.ts'
import { awaitsValue, deadlineOf } from '../lambda-context.ts'
import type { NetlifyContext } from '../netlify-context.ts'
import { observeWaitUntil, originalWaitUntil } from '../wait-until.ts'

declare const process: { readonly env?: Env } | undefined
declare const Netlify: { readonly env?: { toObject?(): Env } } | undefined

export const host: Host = {
  id: 'netlify',
  env,
  // `netlify dev` sets one of these, but not for what it runs at the edge.
  deployed: ({ NETLIFY_DEV, NETLIFY_LOCAL }, call) => !NETLIFY_DEV && !NETLIFY_LOCAL && !isLocal(call),
  resource,
  deadline: deadlineOf,
  awaits: awaitsValue,
  keepAlive,
  extend(call, work) {
    const waitUntil = originalWaitUntil(contextIn(call))
    if (waitUntil) wait(waitUntil, work)
  },
}

/** At the edge there need not be a `process`. */
function env(): Env {
  const own = typeof Netlify === 'object' ? Netlify.env?.toObject?.() : undefined
  return own ?? ((typeof process === 'object' && process.env) || {})
}

function isLocal(call: Call | undefined): boolean {
  const { url, rawUrl } = (call?.args[0] ?? {}) as { url?: string; rawUrl?: string }
  return /^https?:\/\/(localhost|127(\.\d+){3}|\[::1])[:/]/.test(rawUrl ?? url ?? '')
}

/** https://docs.netlify.com/build/functions/environment-variables/#netlify-read-only-variables */
function resource(env: Env): Attributes {
  const isFunction = env['AWS_LAMBDA_FUNCTION_NAME'] !== undefined
  return {
    'service.name': env['SITE_NAME'],
    'cloud.provider': 'netlify',
    'cloud.platform': isFunction ? 'netlify.functions' : 'netlify.edge_functions',
    'cloud.region': env['AWS_REGION'],
    'deployment.environment.name': env['CONTEXT'],
    'faas.instance': env['AWS_LAMBDA_LOG_STREAM_NAME'],
    ...(isFunction && { 'faas.max_memory': Number(env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']) * 1_048_576 }),
  }
}

function keepAlive(call: Call, done: Promise<void>, { mode }: Exporting, invocation: Invocation): KeepAlive {
  observeDeadline(host, call, invocation, done)
  if (mode === 'await') return 'before'
  const context = contextIn(call)
  const waitUntil = originalWaitUntil(context)
  // Called in the user's unit test, or by `netlify dev`: nobody freezes that.
  if (!waitUntil) return host.deployed(env(), call) ? 'before' : 'interval'
  observeWaitUntil(context!, invocation, done)
  wait(waitUntil, done)
  return 'after'
}

/** Node ends a process in which nothing is left but promises, and the sockets of an export are not referenced. */
function wait(waitUntil: NonNullable<NetlifyContext['waitUntil']>, work: Promise<void>): void {
  let timer: ReturnType<typeof setInterval> | undefined
  waitUntil(work.finally(() => clearInterval(timer)))
  // Only now: it may have refused.
  timer = setInterval(() => {}, 60_000)
}

function contextIn({ args }: Call): NetlifyContext | undefined {
  return (args[1] ?? undefined) as NetlifyContext | undefined
}
