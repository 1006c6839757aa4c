/**
 * A request to another service, as a span and as headers. Only inside of an invocation, and only where our provider
 * exports: another's has instrumentation of its own.
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client
 */
import { context, SpanKind, trace, type Attributes, type Context, type Span } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import { toKeys } from '../http.ts'
import { invocationIn } from '../invocation.ts'
import { applyError, applyOutcome } from '../outcome.ts'
import { globalPropagator } from '../provider.ts'
import { quietly } from '../quietly.ts'
import { ERROR_TYPE, HTTP_RESPONSE_STATUS_CODE } from '../semconv.ts'
import { slot } from '../slot.ts'
import { CALL_KEY } from './call.ts'

export interface Outgoing {
  readonly method: string
  readonly url: URL
  /** One of its headers, by a lower-case name. */
  get(name: string): unknown
  /** Adds a header. */
  set(name: string, value: string): void
}

/** What `baggage` is sent by, where an option names hosts for it. */
export const baggage: { inject?(context: Context, outgoing: Outgoing): void } = {}

const METHODS = /^(?:CONNECT|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT|QUERY|TRACE)$/
/** AWS, Google, Azure and CloudFront: a signature may be of all headers that are sent. */
const SIGNED = /[?&](?:x-(?:amz|goog)-(?:signature|credential)|sig(?:nature)?)=/i

/** @param except hosts that get no headers */
export function startRequest(outgoing: Outgoing, except: RegExp): Span | undefined {
  const active = context.active()
  const { tracing } = slot
  if (!tracing?.export || !invocationIn(active) || isTracingSuppressed(active) || isTraced(active)) return undefined
  const { method, url } = outgoing
  const { hostname, port, protocol, search, searchParams } = url
  // What Sentry reports, which has a provider of its own or none.
  // https://develop.sentry.dev/sdk/foundations/transport/authentication/
  if (searchParams.has('sentry_key')) return undefined
  const isKnown = METHODS.test(method)
  const keys = toKeys(searchParams.keys())
  const attributes: Attributes = {
    'http.request.method': isKnown ? method : '_OTHER',
    // Without a name and a password, which are no part of an origin.
    'url.full': url.origin + url.pathname + (keys ? `?${keys}` : ''),
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
  }
  if (!isKnown) attributes['http.request.method_original'] = method
  const span = tracing.tracer.startSpan(isKnown ? method : 'HTTP', { kind: SpanKind.CLIENT, attributes }, active)
  quietly(() => {
    const isSigned = SIGNED.test(search) || String(outgoing.get('authorization')).startsWith('AWS4-')
    const propagator = globalPropagator()
    // The user's own, in whichever form.
    const isGiven = ['traceparent', ...(propagator?.fields() ?? [])].some(
      (name) => /^(?!baggage$)/.test(name) && outgoing.get(name),
    )
    if (isSigned || except.test(hostname) || isGiven) return
    const own = trace.setSpan(active, span)
    propagator?.inject(own, outgoing, {
      set: (_, name, value) => name !== 'baggage' && outgoing.set(name, value),
    })
    baggage.inject?.(own, outgoing)
  })
  return span
}

/** As a part of a call that has a span, by somebody else's instrumentation, or another copy of this. */
function isTraced(active: Context): boolean {
  if (active.getValue(CALL_KEY)) return true
  const { kind, attributes = {} } = (trace.getSpan(active) ?? {}) as { kind?: SpanKind; attributes?: Attributes }
  return kind === SpanKind.CLIENT && ('http.request.method' in attributes || 'http.method' in attributes)
}

/** For who asks, 4xx is an error, too. It ends with the head of the answer: nobody need read the rest. */
export function endRequest(span: Span, status: number): void {
  applyOutcome(span, {
    attributes: { [HTTP_RESPONSE_STATUS_CODE]: status },
    ...(status >= 400 && { errorType: String(status) }),
  })
  span.end()
}

interface Failure {
  readonly name?: unknown
  readonly code?: unknown
  readonly cause?: Failure
}

/** Who gives a request up has not failed; who waited for too long has. */
export function failRequest(span: Span, error: unknown): void {
  const given = (error ?? {}) as Failure
  // Node's `http` says of either that it was aborted.
  const failure = given.cause?.name === 'TimeoutError' ? given.cause : given
  if (failure.name === 'AbortError') span.setAttribute('unplugin_otel.end_reason', 'cancelled')
  else {
    applyError(span, failure)
    // `ECONNREFUSED` says more than `TypeError`. Of a `DOMException` it is a number.
    const code = failure.code ?? failure.cause?.code
    if (typeof code === 'string') span.setAttribute(ERROR_TYPE, code)
  }
  span.end()
}
