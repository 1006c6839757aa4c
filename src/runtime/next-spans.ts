/**
 * The spans that Next.js makes itself, once a provider is registered: they become ours. Its root of a request is the
 * root of an invocation; attributes of older conventions get their present names beside them, query values go.
 * https://nextjs.org/docs/app/guides/open-telemetry#default-spans-in-nextjs
 */
import { SpanKind, type Span } from '@opentelemetry/api'
import type { Spans } from './framework.ts'
import { parseTarget } from './http.ts'
import { CODE_FILE_PATH, HTTP_RESPONSE_STATUS_CODE } from './semconv.ts'

interface NextSpan extends Span {
  kind: SpanKind
  readonly attributes: Readonly<Record<string, unknown>>
}

/** Every one of them starts with this attribute. */
const typeOf = (span: Span): unknown => (span as Partial<NextSpan>).attributes?.['next.span_type']
/** Of a route on the edge runtime Next records no more than that it ran. */
const EDGE_ROUTE = 'AppRouteRouteHandlers.runHandler'

export const nextSpans: Spans = {
  isOwn: (span) => typeOf(span) !== undefined,
  starting(span) {
    const { attributes } = span as NextSpan
    const method = attributes['http.method']
    const target = attributes['http.target']
    if (typeof target === 'string') {
      const { path, query } = parseTarget(target)
      span.setAttributes({ 'http.target': query ? `${path}?${query}` : path, 'url.path': path })
      if (query) span.setAttribute('url.query', query)
      if (typeof method === 'string') span.setAttribute('http.request.method', method)
    }
    // Next 15 has the path in it, which has ids in it.
    if (attributes['next.span_type'] === 'Middleware.execute' && typeof method === 'string') {
      const name = `middleware ${method}`
      span.updateName(name).setAttribute('next.span_name', name)
    }
    const url = attributes['http.url']
    if (typeof url !== 'string') return
    const bare = withoutQuery(url)
    const name = `fetch ${String(method)} ${bare}`
    span.updateName(name).setAttributes({ 'http.url': bare, 'next.span_name': name })
  },
  isRequest(span) {
    const type = String(typeOf(span))
    if (type === EDGE_ROUTE) (span as NextSpan).kind = SpanKind.SERVER
    return (span as NextSpan).kind === SpanKind.SERVER || type.startsWith('Middleware')
  },
  ending(span) {
    const { attributes, kind } = span as NextSpan
    if (kind !== SpanKind.SERVER) return
    const status = attributes['http.status_code']
    if (typeof status === 'number') span.setAttribute(HTTP_RESPONSE_STATUS_CODE, status)
    const file = attributes[CODE_FILE_PATH]
    const method = String(attributes['http.method'] ?? '')
    // Next 15 has the file's name in the route, and where there is no route the URL in the name.
    const route =
      typeof file === 'string' && /\broute\.[^/]+$|\bpages\/api\//.test(file) ? routeOf(file) : attributes['http.route']
    if (!method) return
    const name = `${attributes['next.rsc'] ? 'RSC ' : ''}${method}${route ? ` ${String(route)}` : ''}`
    span.updateName(name).setAttribute('next.span_name', name)
    if (route) span.setAttribute('http.route', String(route))
  },
}

/** Nor a password, nor what `data:` carries. */
function withoutQuery(url: string): string {
  if (!URL.canParse(url)) return url.replace(/[?#].*/s, '')
  const { origin, pathname, protocol } = new URL(url)
  return origin === 'null' ? protocol : origin + pathname
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
