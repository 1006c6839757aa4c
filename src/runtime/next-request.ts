/** What Next.js tells about its requests, on both of its runtimes. */
import { SpanKind, type Span } from '@opentelemetry/api'
import type { Call, Carrier, Env, Host, KeepAlive } from '../contract.ts'
import { openInvocation } from './open-invocation.ts'
import { toKeys } from './http.ts'
import { slot } from './slot.ts'

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

export function resource(env: Env): ReturnType<Host['resource']> {
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
  const event = call.args[1] as RequestContext | undefined
  const waitUntil = requestContext()?.waitUntil ?? event?.waitUntil?.bind(event)
  if (!waitUntil) return otherwise
  waitUntil(done)
  return 'after'
}

/** Next describes its own spans by attributes that they start with. */
interface NextSpan extends Span {
  kind: SpanKind
  readonly attributes?: Readonly<Record<string, unknown>>
}
const typeOf = (span: Span): unknown => (span as NextSpan).attributes?.['next.span_type']
const EDGE_ROUTE = 'AppRouteRouteHandlers.runHandler'

/** The span that Next begins a request with becomes the root of an invocation; what is inside belongs to it. */
export function adoptNextSpan(span: Span, parent: Span | undefined, host: Host): boolean {
  const type = typeOf(span)
  const { tracing } = slot
  if (!type || !tracing) return false
  protect(span as NextSpan)
  if (parent && slot.owners.has(parent)) return false
  // Of a route on the edge runtime Next records no more than that it ran.
  if (type === EDGE_ROUTE) (span as NextSpan).kind = SpanKind.SERVER
  if ((span as NextSpan).kind !== SpanKind.SERVER && !String(type).startsWith('Middleware')) return true
  slot.warm = true
  const call: Call = { self: undefined, args: [], arity: 0, meta: { file: '', name: '', line: 0 } }
  openInvocation(span, undefined, call, tracing, host, true).adopted = true
  return true
}

/** Loading modules, registering instrumentation: each would be a trace of its own. */
export function isStartup(span: Span): boolean {
  return Boolean(typeOf(span)) && !slot.owners.has(span)
}

/** Next writes query values into its spans; their keys are enough. Its names for the rest are older than ours. */
function protect(span: NextSpan): void {
  const { attributes = {} } = span
  const target = attributes['http.target']
  if (typeof target === 'string') {
    const { pathname, searchParams } = new URL(target, 'http://host')
    const query = toKeys(searchParams.keys())
    span.setAttributes({ 'http.target': query ? `${pathname}?${query}` : pathname, 'url.path': pathname })
    if (query) span.setAttribute('url.query', query)
    const method = attributes['http.method']
    if (typeof method === 'string') span.setAttribute('http.request.method', method)
  }
  const url = attributes['http.url']
  if (typeof url !== 'string' || !URL.canParse(url)) return
  const { origin, pathname } = new URL(url)
  span.setAttributes({ 'http.url': origin + pathname })
  span.updateName(`fetch ${String(attributes['http.method'])} ${origin}${pathname}`)
}
