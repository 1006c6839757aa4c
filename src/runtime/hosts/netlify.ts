/**
 * Netlify runs functions on AWS Lambda, which freezes them when they have answered and what `context.waitUntil` was
 * given has settled; those of `(event, context)` have no such thing. At the edge it runs Deno.
 * https://docs.netlify.com/build/functions/api/#waituntil
 */
import type { Attributes } from '@opentelemetry/api'
import type { Call, Env, Exporting, Host, Invocation, KeepAlive } from '../../contract.ts'
import { observeDeadline } from '../deadline.ts'
import { contextOf } from '../lambda-context.ts'
import type { NetlifyContext } from '../netlify-context.ts'
import { quietly } from '../quietly.ts'
import { isThenable } from '../thenable.ts'

declare const process: { readonly env?: Env } | undefined
declare const Netlify: { readonly env?: { toObject?(): Env } } | undefined

export const host: Host = {
  id: 'netlify',
  env,
  // `netlify dev` sets one of these, but not for what it runs at the edge.
  deployed: ({ NETLIFY_DEV, NETLIFY_LOCAL }, call) => !NETLIFY_DEV && !NETLIFY_LOCAL && !isLocal(call),
  resource,
  deadline(call) {
    const left = contextOf(call)?.getRemainingTimeInMillis?.()
    return left === undefined ? undefined : Date.now() + left
  },
  // As on Lambda: runtime client 3 passes a callback, and sends null for a synchronous value.
  awaits: (call) => !('callbackWaitsForEmptyEventLoop' in (contextOf(call) ?? {})),
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

/** Context → its own `waitUntil`: a flush that waits for itself would never end. */
const originals = new WeakMap<NetlifyContext, NonNullable<NetlifyContext['waitUntil']>>()

function originalWaitUntil(context: NetlifyContext | undefined): NetlifyContext['waitUntil'] {
  if (typeof context?.waitUntil !== 'function') return undefined
  return (originals.get(context) ?? context.waitUntil).bind(context)
}

/** An own property on the real context, so that the user gets the very same object; as it was when all is done. */
function observeWaitUntil(context: NetlifyContext, invocation: Invocation, done: Promise<void>): void {
  if (originals.has(context)) return
  const native = context.waitUntil!
  const before = Object.getOwnPropertyDescriptor(context, 'waitUntil')
  function waitUntil(this: NetlifyContext, ...args: [Promise<unknown>]): void {
    const [work] = args
    if (isThenable(work)) {
      // A lazy thenable (a query builder) runs each time that it is waited for.
      args[0] = Promise.resolve(work)
      quietly(() => invocation.background(args[0]))
    }
    return native.apply(this, args)
  }
  // One that is frozen stays: then what goes on after the answer is not waited for before the export.
  if (
    !Reflect.defineProperty(context, 'waitUntil', { ...before, configurable: true, writable: true, value: waitUntil })
  )
    return
  originals.set(context, native)
  void done.then(() => {
    originals.delete(context)
    // Somebody else may have put theirs over ours.
    if (context.waitUntil !== waitUntil) return
    if (before) Object.defineProperty(context, 'waitUntil', before)
    else delete context.waitUntil
  })
}
