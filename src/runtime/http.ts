/**
 * A `Request` as the HTTP conventions describe it. Values of the query may be secrets or personal: only
 * its keys are recorded. https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server
 */
import { SpanKind, type Attributes } from '@opentelemetry/api'
import type { Carrier, Outcome, Start } from '../contract.ts'
import { HTTP_RESPONSE_STATUS_CODE } from './semconv.ts'

/** Servers let known methods in only: no `_OTHER` here. */
export function describeRequest({ method, url, headers }: Request, more: Attributes): Start {
  const { pathname, protocol, hostname, port, searchParams } = new URL(url)
  return {
    name: method,
    kind: SpanKind.SERVER,
    // Undefined values are left out by the SDK.
    attributes: {
      'faas.trigger': 'http',
      'http.request.method': method,
      'url.path': pathname,
      'url.scheme': protocol.slice(0, -1),
      'url.query': toKeys(searchParams.keys()),
      'server.address': hostname,
      'server.port': Number(port) || undefined,
      'user_agent.original': headers.get('user-agent') ?? undefined,
      ...more,
    },
    carriers: [carrierOf(headers)],
  }
}

export function carrierOf(headers: Headers): Carrier {
  return { traceparent: headers.get('traceparent'), tracestate: headers.get('tracestate') }
}

/** The target of a request's first line: `//evil.example` is a path there, and nothing is invalid. */
export function parseTarget(target: string): { path: string; query: string | undefined } {
  const isAbsolute = URL.canParse(target)
  const { pathname, searchParams } = new URL(isAbsolute ? target : `http://host/${target.replace(/^\//, '')}`)
  return { path: pathname, query: toKeys(searchParams.keys()) }
}

/** `a=&b=` */
export function toKeys(names: Iterable<string>): string | undefined {
  let keys = ''
  for (const name of names) keys += `${keys && '&'}${encodeURIComponent(name)}=`
  return keys || undefined
}

/** 5xx is an error of the server; 4xx is the client's. */
export function toHttpOutcome(status: number): Outcome {
  if (!(status >= 100 && status < 600)) return {}
  const attributes = { [HTTP_RESPONSE_STATUS_CODE]: status }
  return status >= 500 ? { attributes, errorType: String(status) } : { attributes }
}
