/** What Next.js and who hosts it tell about a request, on both of its runtimes. */
import type { Attributes } from '@opentelemetry/api'
import type { Call, Carrier, Env, KeepAlive } from '../contract.ts'

declare const process: { readonly env?: Env } | undefined

/** https://nextjs.org/docs/app/api-reference/functions/after and `@vercel/functions`: set by whoever hosts Next. */
interface RequestContext {
  readonly waitUntil?: (work: Promise<unknown>) => void
  /** On Vercel only. */
  readonly headers?: Carrier
}
const CONTEXTS = [Symbol.for('@vercel/request-context'), Symbol.for('@next/request-context')]

export function requestContext(): RequestContext | undefined {
  for (const key of CONTEXTS) {
    const found = (globalThis as { [key]?: { get?(): RequestContext | undefined } })[key]?.get?.()
    if (found) return found
  }
  return undefined
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
  return {
    'cloud.provider': 'vercel',
    'cloud.region': env['VERCEL_REGION'],
    'deployment.environment.name': env['VERCEL_ENV'],
    'service.version': env['VERCEL_GIT_COMMIT_SHA'],
  }
}

/** By the host's `waitUntil`; `otherwise` where it has none. */
export function keepAwake(call: Call, done: Promise<void>, otherwise: KeepAlive): KeepAlive {
  const context = requestContext()
  const giver = context?.waitUntil ? context : (call.args[1] as RequestContext | undefined)
  if (!giver?.waitUntil) return otherwise
  giver.waitUntil(done)
  return 'after'
}
