/**
 * What calls us on Netlify. The build-time half is `plugin/platforms/netlify.ts`, the freeze is `hosts/netlify.ts`.
 * https://docs.netlify.com/build/functions/api/
 */
import { SpanKind } from '@opentelemetry/api'
import type { Kind, Start } from '../../contract.ts'
import { carrierOf, describeRequest, toHttpOutcome } from '../http.ts'
import { contextOf } from '../lambda-context.ts'
import type { NetlifyContext } from '../netlify-context.ts'
import { observeBody } from '../web-body.ts'
import { within } from '../within.ts'
import { onEvent as onLambdaEvent } from './aws-lambda.ts'

export { wrapHandler } from '../by-hand/netlify.ts'
export type { WrapOptions } from '../by-hand/wrap-options.ts'

type RequestLike = Pick<Request, 'method' | 'url' | 'headers'>

/** A function of a `Request`, in Node or at the edge: it answers, or gives what only its platform understands. */
export const onRequest: Kind<unknown, readonly [Request, NetlifyContext?], unknown> = {
  start({ args: [request, context] }) {
    if (typeof request?.url !== 'string') return undefined
    return describe(request, context?.requestId, context?.path)
  },
  leave(end, { args: [request] }, invocation) {
    if ('error' in end || !(end.value instanceof Response)) return undefined
    const observed = observeBody(request.method, end.value, invocation, failing)
    return { outcome: toHttpOutcome(end.value.status), ...(observed && { value: observed }) }
  },
}

/** Netlify's bootstrap rejects where nobody catches it: Node ends, without `waitUntil`. */
const failing = (exported: Promise<void>) => within(FAILING_MS, exported, true)
/** Work of the user's own may be waiting for the body, and the export for that. */
const FAILING_MS = 1000

interface ClassicEvent {
  readonly httpMethod?: string
  readonly path?: string
  readonly rawUrl?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
}
interface ClassicResult {
  readonly statusCode?: unknown
  readonly body?: unknown
}

/** `handler(event, context[, callback])`, as Lambda calls it; inside of `stream()` the body may be a stream. */
export const onEvent: Kind<unknown, readonly unknown[], unknown> = {
  start(call) {
    const event = call.args[0] as ClassicEvent | undefined
    const url = event?.rawUrl ?? `https://${event?.headers?.['host'] ?? 'localhost'}${event?.path ?? '/'}`
    const headers = new Map(Object.entries(event?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
    const get = (name: string) => headers.get(name) ?? null
    const request = { method: event?.httpMethod ?? 'GET', url, headers: { get } as unknown as Headers }
    return describe(request, contextOf(call)?.awsRequestId)
  },
  enter: onLambdaEvent.enter!,
  leave(end, call, invocation) {
    const told = onLambdaEvent.leave!(end, call, invocation) ?? {}
    const result = 'value' in end ? (end.value as ClassicResult | null | undefined) : undefined
    if (!(result?.body instanceof ReadableStream) || result.body.locked) return told
    const { httpMethod = 'GET' } = call.args[0] as ClassicEvent
    // Whatever its type is called, it is one.
    const response = new Response(result.body, { headers: { 'content-type': 'text/event-stream' } })
    const { body } = observeBody(httpMethod, response, invocation) ?? {}
    return { ...told, value: { ...result, body: body ?? response.body } }
  },
}

/** Both are called by a request also where it was the clock. https://docs.netlify.com/build/functions/scheduled-functions/ */
function describe(request: RequestLike, id: string | undefined, route?: string): Start {
  const more = { 'faas.invocation.id': id, 'http.route': route }
  if (request.headers.get('x-nf-event') !== 'schedule') {
    const start = describeRequest(request as Request, more)
    return route ? { ...start, name: `${start.name} ${route}` } : start
  }
  return {
    name: 'scheduled',
    kind: SpanKind.SERVER,
    attributes: { 'faas.trigger': 'timer', 'faas.invocation.id': id },
    carriers: [carrierOf(request.headers)],
  }
}
