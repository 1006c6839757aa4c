/**
 * The spans that Next.js makes itself, once a provider is registered: they become ours. Its root of a request is the
 * root of an invocation; attributes of older conventions get their present names beside them, query values go.
 * https://nextjs.org/docs/app/guides/open-telemetry#default-spans-in-nextjs
 */
import { SpanKind, type Span } from '@opentelemetry/api'
import type { Call, Framework, Host } from '../contract.ts'
import { toKeys } from './http.ts'
import { openInvocation } from './open-invocation.ts'
import { CODE_FILE_PATH, HTTP_RESPONSE_STATUS_CODE } from './semconv.ts'
import { slot } from './slot.ts'

interface NextSpan extends Span {
  readonly name: string
  kind: SpanKind
  readonly attributes: Readonly<Record<string, unknown>>
}

/** Every one of them starts with this attribute. */
const typeOf = (span: Span): unknown => (span as Partial<NextSpan>).attributes?.['next.span_type']
/** Of a route on the edge runtime Next records no more than that it ran. */
const EDGE_ROUTE = 'AppRouteRouteHandlers.runHandler'

export const nextSpans = (host: () => Host): Framework => ({
  starts(span, parent) {
    const type = typeOf(span)
    const { tracing } = slot
    if (!type || !tracing) return false
    const next = span as NextSpan
    rename(next)
    if (parent && slot.owners.has(parent)) return false
    if (type === EDGE_ROUTE) next.kind = SpanKind.SERVER
    // What it loads when it starts would be a trace of its own.
    if (next.kind !== SpanKind.SERVER && !String(type).startsWith('Middleware')) return true
    slot.warm = true
    const call: Call = { self: undefined, args: [], arity: 0, meta: { file: '', name: '', line: 0 } }
    openInvocation(span, undefined, call, tracing, host(), true).adopted = true
    return true
  },
  ending(span) {
    if (!typeOf(span)) return
    const { attributes, kind, name } = span as NextSpan
    if (kind !== SpanKind.SERVER) return
    const status = attributes['http.status_code']
    if (typeof status === 'number') span.setAttribute(HTTP_RESPONSE_STATUS_CODE, status)
    const file = attributes[CODE_FILE_PATH]
    const method = String(attributes['http.method'] ?? '')
    if (typeof file === 'string' && /\broute\.\w+$/.test(file)) {
      // Next 15 has the name of the file in it.
      const route = routeOf(file)
      if (method) span.updateName(`${method} ${route}`)
      span.setAttribute('http.route', route)
    } else if (name.includes('?')) span.updateName(method)
  },
  ignores: (span) => Boolean(typeOf(span)) && !slot.owners.has(span),
})

function rename(span: NextSpan): void {
  const { attributes } = span
  const method = attributes['http.method']
  const target = attributes['http.target']
  if (typeof target === 'string') {
    const { pathname, searchParams } = new URL(target, 'http://host')
    const query = toKeys(searchParams.keys())
    span.setAttributes({ 'http.target': query ? `${pathname}?${query}` : pathname, 'url.path': pathname })
    if (query) span.setAttribute('url.query', query)
    if (typeof method === 'string') span.setAttribute('http.request.method', method)
  }
  const url = attributes['http.url']
  if (typeof url !== 'string' || !URL.canParse(url)) return
  const { origin, pathname } = new URL(url)
  span.setAttribute('http.url', origin + pathname)
  span.updateName(`fetch ${String(method)} ${origin}${pathname}`)
}

/** `app/(shop)/users/[id]/route.ts` → `/users/[id]`: groups and slots (`@modal`) are no part of a path. */
export function routeOf(file: string): string {
  const path = file
    .replace(/^(.*?\/)??(app|pages)\//, '/')
    .replace(/\/route\.[^/]+$|\.[^/.]+$/, '')
    .replace(/\/(\([^./)]+\)|@[^/]+)(?=\/|$)/g, '')
    .replace(/\/index$/, '')
  return path || '/'
}
