/**
 * What a function answers a request with: a response of Azure's, one of the web, or what one is made from. Its body may
 * be a stream that goes on for long. https://learn.microsoft.com/azure/azure-functions/functions-reference-node#http-streams
 */
import type { Invocation, Outcome } from '../contract.ts'
import { toHttpOutcome } from './http.ts'
import { observeBody } from './web-body.ts'

interface ResponseInit {
  readonly status?: number
  readonly headers?: Headers
  readonly body?: unknown
  readonly cookies?: unknown
  readonly enableContentNegotiation?: boolean
}

/** Azure's own class, which makes what is native of these. */
type ResponseClass = new (init: ResponseInit & { nativeResponse: Response }) => unknown

export function observeResponse(
  method: string,
  value: unknown,
  invocation: Invocation,
): { readonly outcome: Outcome; readonly value?: unknown } {
  const given = (typeof value === 'object' && value ? value : {}) as ResponseInit
  const outcome = toHttpOutcome(Number(given.status ?? 200))
  const observed = isStream(given.body) ? observeStream(method, given, invocation) : undefined
  return observed === undefined ? { outcome } : { outcome, value: observed }
}

function observeStream(method: string, given: ResponseInit, invocation: Invocation): unknown {
  const { status = 200, headers, body, cookies, enableContentNegotiation = false } = given
  const isNative = given instanceof Response
  const native = isNative ? given : new Response(body as ReadableStream, { status, ...(headers && { headers }) })
  const observed = observeBody(method, native, invocation)
  if (!observed || isNative) return observed
  const prototype = Object.getPrototypeOf(given) as { constructor: ResponseClass } | null
  if (!prototype || prototype === Object.prototype) return { ...given, body: observed.body }
  return new prototype.constructor({ nativeResponse: observed, cookies, enableContentNegotiation })
}

function isStream(body: unknown): boolean {
  return (
    body instanceof ReadableStream ||
    typeof (body as { [Symbol.asyncIterator]?: unknown })?.[Symbol.asyncIterator] === 'function'
  )
}
