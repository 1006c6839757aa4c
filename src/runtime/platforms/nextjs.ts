/**
 * What calls us in Next.js. The build-time half is `plugin/platforms/nextjs.ts`, the freeze is `hosts/next-server.ts`
 * and `hosts/next-edge.ts`. Next traces its requests itself once a provider is registered; then nothing is added but
 * what it does not know. https://nextjs.org/docs/app/guides/open-telemetry
 */
import { context, defaultTextMapSetter, SpanKind, type Attributes } from '@opentelemetry/api'
import type { Carrier, Invocation, Kind, Outcome, Start } from '../../contract.ts'
import { describeRequest, parseTarget, toHttpOutcome } from '../http.ts'
import { flushBeforeEnd, holdUntilClosed, keepThrown, type NodeResponse } from '../node-http.ts'
import { requestContext } from '../next-request.ts'
import { routeOf } from '../next-spans.ts'
import { w3c } from '../propagation.ts'
import { observeBody } from '../web-body.ts'

/** `app/api/users/[id]/route.ts`: https://nextjs.org/docs/app/api-reference/file-conventions/route */
export const onRoute: Kind<unknown, readonly [Request], Response> = {
  start({ args: [request], meta }, outer) {
    const attributes = { 'http.route': routeOf(meta.file) }
    if (isEdge())
      return withoutFaas(describeRequest(request, attributes), `${request.method} ${attributes['http.route']}`)
    // On Node nothing but the method is read: the rest would make a static route a dynamic one. Next's own span may
    // lack both: it is an inner one where this module is loaded by the first request.
    // Where there is no HEAD, Next answers one by `GET`.
    const method = meta.name === 'GET' ? request.method : meta.name
    return server(`${method} ${attributes['http.route']}`, { 'http.request.method': method, ...attributes }, outer)
  },
  leave(end, { args: [request] }, invocation) {
    if ('error' in end) return toControlFlow(end.error) ?? toRecorded(end.error, invocation)
    const response = end.value
    const outcome = toHttpOutcome(response?.status)
    // On Node, Next's own span lasts until the body is sent: it is not held for what Next may never read.
    const isSeen = invocation.adopted && invocation.keepAlive !== 'before' && !isEdge()
    const own = isSeen ? { ...invocation, hold() {} } : invocation
    const observed = response instanceof Response && observeBody(request.method, response, own)
    return observed ? { outcome, value: observed } : { outcome }
  },
}

interface ApiRequest {
  readonly method?: string
  readonly url?: string
  readonly headers: Carrier
}
/** `pages/api/users/[id].ts`: on Node `(req, res)`, on the edge runtime as a route. */
export const onApi: Kind<unknown, readonly [ApiRequest | Request, NodeResponse?], unknown> = {
  start({ args: [request], meta }, outer) {
    const route = routeOf(meta.file)
    const name = `${request.method ?? 'GET'} ${route}`
    if (request instanceof Request) return withoutFaas(describeRequest(request, { 'http.route': route }), name)
    const { path, query } = parseTarget(request.url ?? '/')
    const attributes = {
      'http.route': route,
      'http.request.method': request.method,
      'url.path': path,
      'url.query': query,
    }
    return { ...server(name, outer ? {} : attributes, outer), carriers: [request.headers] }
  },
  enter({ args, args: [request, response] }, invocation) {
    if (!response || request instanceof Request) return args
    if (invocation.keepAlive === 'before') flushBeforeEnd(response, invocation)
    else if (!invocation.adopted) holdUntilClosed(response, invocation)
    return args
  },
  leave(end, { args: [request, response] }, invocation) {
    if ('error' in end) return keepThrown(invocation)
    if (end.value instanceof Response) {
      const observed = observeBody(request.method ?? 'GET', end.value, invocation)
      return { outcome: toHttpOutcome(end.value.status), ...(observed && { value: observed }) }
    }
    // Whoever answers later has no status yet.
    return response?.writableEnded ? { outcome: toHttpOutcome(response.statusCode) } : undefined
  },
}

/** `proxy.ts`, or `middleware.ts` up to Next 15. */
export const onProxy: Kind<unknown, readonly [Request], Response | undefined> = {
  start: ({ args: [request] }, outer) =>
    outer ? server('', {}, outer) : withoutFaas(describeRequest(request, {}), `middleware ${request.method}`),
  leave(end, _call, invocation) {
    if ('error' in end) return toControlFlow(end.error) ?? toRecorded(end.error, invocation)
    // It decides where a request goes; what is answered is not known here.
    return {}
  },
}

function server(name: string, attributes: Attributes, outer?: Invocation): Start {
  const carriers: Carrier[] = []
  // Next's own span of a request that is over, or that its caller wants unrecorded: a root of ours goes on with it.
  if (!outer) w3c.inject(context.active(), (carriers[0] = {}), defaultTextMapSetter)
  // The headers of the first request of a process on Vercel; later ones Next has read itself.
  const headers = requestContext()?.headers
  if (headers) carriers.push(headers)
  return { name, kind: SpanKind.SERVER, attributes, carriers, event: undefined }
}

function withoutFaas(start: Start, name: string): Start {
  return { ...start, name, attributes: { ...start.attributes, 'faas.trigger': undefined } }
}

/** `redirect()`, `notFound()`, and what tells Next to stop prerendering, are thrown. */
function toControlFlow(error: unknown): { outcome: Outcome } | undefined {
  const digest = (error as { digest?: unknown } | null)?.digest
  if (typeof digest !== 'string') return undefined
  const status = /^NEXT_(?:REDIRECT;.*;|HTTP_ERROR_FALLBACK;)(\d{3})/.exec(digest)?.[1]
  if (status) return { outcome: toHttpOutcome(Number(status)) }
  return /^(NEXT_|DYNAMIC_SERVER_USAGE|BAILOUT_TO_CLIENT_SIDE_RENDERING)/.test(digest) ? { outcome: {} } : undefined
}

/** Next has the exception on a span of its own. */
function toRecorded(error: unknown, { adopted }: Invocation): { outcome: Outcome } | undefined {
  return adopted ? { outcome: { errorType: error instanceof Error ? error.name : typeof error } } : undefined
}

function isEdge(): boolean {
  return 'EdgeRuntime' in globalThis
}
