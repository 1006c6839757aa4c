/** What Next.js and who hosts it tell about a request, on both of its runtimes. */
import type { Attributes } from '@opentelemetry/api'
import type { Call, Carrier, Env, Invocation, KeepAlive } from '../contract.ts'
import { untilSpansEnd } from './open-spans.ts'
import { observeWaitUntil, originalWaitUntil, type WaitUntilContext } from './wait-until.ts'

declare const process: { readonly env?: Env } | undefined

/** https://nextjs.org/docs/app/api-reference/functions/after and `@vercel/functions`: set by whoever hosts Next. */
interface RequestContext extends WaitUntilContext {
  /** On Vercel only. */
  readonly headers?: Carrier
}
const CONTEXTS = [Symbol.for('@vercel/request-context'), Symbol.for('@next/request-context')]

/** Both may be there, and need not be the same. */
function requestContexts(): RequestContext[] {
  return CONTEXTS.flatMap(
    (key) => (globalThis as { [key]?: { get?(): RequestContext | undefined } })[key]?.get?.() ?? [],
  )
}

export function requestContext(): RequestContext | undefined {
  return requestContexts()[0]
}

/** While Next builds, it calls handlers to prerender them: nothing of ours runs then. */
export function env(): Env {
  const all = (typeof process === 'object' && process.env) || {}
  return all['NEXT_PHASE'] === 'phase-production-build' ? { OTEL_SDK_DISABLED: 'true' } : all
}

/** A platform that may freeze what it runs as soon as it has answered. */
export function isFrozen({ VERCEL, NETLIFY, AWS_LAMBDA_FUNCTION_NAME }: Env): boolean {
  return Boolean(VERCEL || NETLIFY || AWS_LAMBDA_FUNCTION_NAME)
}

export function resource(env: Env): Attributes {
  if (!env['VERCEL']) return {}
  const sha = env['VERCEL_GIT_COMMIT_SHA']
  return {
    'cloud.provider': 'vercel',
    'cloud.region': env['VERCEL_REGION'],
    'deployment.environment.name': env['VERCEL_ENV'],
    ...(sha && { 'service.version': sha }),
  }
}

/** Of these what `after()` is given is not seen: Next had its `waitUntil` before, or is given another one each time. */
const unseen = new WeakSet<Invocation>()
let isFirst = true

/** By the host's `waitUntil`; `otherwise` where it has none. */
export function keepAwake(call: Call, done: Promise<void>, otherwise: KeepAlive, invocation: Invocation): KeepAlive {
  const contexts = requestContexts()
  const givers = [...contexts, call.args[1] as RequestContext | undefined].filter((each) => each?.waitUntil)
  const waitUntil = originalWaitUntil(givers[0])
  if (!waitUntil) return otherwise
  waitUntil(done)
  const isObserved = [...new Set(givers)].map((giver) => observeWaitUntil(giver!, invocation, done)).every(Boolean)
  const isSeen = isObserved && requestContexts().every((context, at) => context === contexts[at])
  if (!isSeen || isFirst) unseen.add(invocation)
  isFirst = false
  return 'after'
}

/** What `after()` is given would be cut short. */
export async function linger(invocation: Invocation): Promise<void> {
  if (unseen.has(invocation)) await untilSpansEnd(invocation)
}

/** Never the observed one. */
export function extend(work: Promise<void>): void {
  originalWaitUntil(requestContexts().find(({ waitUntil }) => waitUntil))?.(work)
}
