/**
 * A middleware around each command of a client of the AWS SDK: a span for the whole call, attempts and waiting included.
 * https://opentelemetry.io/docs/specs/semconv/cloud-providers/aws-sdk/
 */
import { context, SpanKind, trace, type Attributes, type Context, type Span } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import { invocationIn } from '../invocation.ts'
import { applyOutcome } from '../outcome.ts'
import { complain, quietly } from '../quietly.ts'
import { slot } from '../slot.ts'
import { describeInput, describeOutput, isSend } from './aws-services.ts'
import { CALL_KEY } from './call.ts'
import { failRequest } from './client-span.ts'

/** What a command is given, and what its service answers: of a hundred services. */
export type Fields = Readonly<Record<string, unknown>>

/** As much of a client's configuration as is used here. */
export interface ClientConfig {
  readonly serviceId?: unknown
  region?(): Promise<unknown>
  /** Set by the user, or by an environment variable. */
  endpoint?(): Promise<{ readonly hostname?: unknown }>
}
export interface Call {
  readonly service: string
  readonly method: string
  readonly config: ClientConfig
}
interface Args {
  readonly input: Fields
}
interface Result {
  readonly output?: Fields
}
interface Metadata {
  readonly httpStatusCode?: number
  readonly requestId?: string
  readonly extendedRequestId?: string
  readonly attempts?: number
}
/** https://github.com/smithy-lang/smithy-typescript/blob/main/packages/types/src/middleware.ts */
export type Middleware = (
  next: (args: Args) => Promise<Result>,
  command: { readonly commandName?: unknown },
) => (args: Args) => Promise<Result>

/** What a send takes along: undefined: it is sent as it is. */
export type Carry = (call: Call, input: Fields, own: Context) => Promise<Fields | undefined> | undefined

/** Not for other clients that are made of the same parts, which have no `serviceId`. */
export function createMiddleware(config: ClientConfig, carry: Carry): Middleware {
  const { serviceId: service } = config
  return (next, { commandName }) => {
    const method = String(commandName ?? '').replace(/Command$/, '')
    if (typeof service !== 'string' || !method) return next
    const call = { service, method, config }
    return async (args) => {
      const span = quietly(() => startCall(call, args.input))
      if (!span) return next(args)
      const own = trace.setSpan(context.active(), span).setValue(CALL_KEY, true)
      const carrying = quietly(() => carry(call, args.input, own))
      const input = carrying && (await carrying.catch(complain))
      try {
        const result = await context.with(own, () => next(input ? { ...args, input } : args))
        quietly(() => describeEnd(span, call, result.output))
        span.end()
        return result
      } catch (error) {
        quietly(() => {
          span.setAttributes(describeAnswer(error))
          failRequest(span, error)
        })
        throw error
      }
    }
  }
}

/** Only inside of an invocation, and only where our provider exports. What a call needs itself (credentials) is part of it. */
function startCall(call: Call, input: Fields): Span | undefined {
  const active = context.active()
  const { tracing } = slot
  if (!tracing?.export || !invocationIn(active) || isTracingSuppressed(active) || isTraced(active)) return undefined
  const { service, method, config } = call
  const { name = `${service}.${method}`, attributes = {} } = quietly(() => describeInput(call, input)) ?? {}
  const span = tracing.tracer.startSpan(
    name,
    {
      kind: isSend(call) ? SpanKind.PRODUCER : SpanKind.CLIENT,
      attributes: { 'rpc.system': 'aws-api', 'rpc.service': service, 'rpc.method': method, ...attributes },
    },
    active,
  )
  // The SDK asks for it, too, and waits.
  const region = quietly(() => config.region?.())
  void Promise.resolve(region)
    .then((found) => {
      if (typeof found !== 'string' || !span.isRecording()) return
      span.setAttribute('cloud.region', found)
      if (attributes['faas.invoked_name']) span.setAttribute('faas.invoked_region', found)
    })
    .catch(complain)
  return span
}

/** By a call around this one, or by somebody else's instrumentation. */
function isTraced(active: Context): boolean {
  const { attributes = {} } = (trace.getSpan(active) ?? {}) as { readonly attributes?: Attributes }
  return Boolean(active.getValue(CALL_KEY)) || 'rpc.system' in attributes
}

function describeEnd(span: Span, call: Call, output: Fields = {}): void {
  const { FunctionError: failure } = output
  applyOutcome(span, {
    attributes: { ...describeAnswer(output), ...describeOutput(call, output) },
    // Of a function that was invoked: the request itself is answered with 200.
    ...(call.service === 'Lambda' && typeof failure === 'string' && { errorType: failure }),
  })
}

/** Of an output or an error. */
function describeAnswer(answer: unknown): Attributes {
  const { $metadata: metadata = {} } = (answer ?? {}) as { readonly $metadata?: Metadata }
  const { httpStatusCode, requestId, extendedRequestId, attempts = 1 } = metadata
  return {
    'http.response.status_code': httpStatusCode,
    'aws.request_id': requestId,
    'aws.extended_request_id': extendedRequestId,
    ...(attempts > 1 && { 'http.request.resend_count': attempts - 1 }),
  }
}
