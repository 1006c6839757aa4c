/**
 * What calls us on AWS Lambda. The build-time half is `plugin/platforms/aws-lambda.ts`, the freeze is
 * `hosts/aws-lambda.ts`. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
import { SpanKind, TraceFlags, type Attributes, type SpanContext } from '@opentelemetry/api'
import type { Invocation, Kind, Outcome, Start } from '../../contract.ts'
import { describeEvent } from '../aws-events.ts'
import { contextOf, type LambdaContext } from '../lambda-context.ts'
import { HTTP_RESPONSE_STATUS_CODE } from '../semconv.ts'

interface ResponseStream {
  on(event: 'finish' | 'close' | 'error', listener: () => void): void
}

type Result = { readonly statusCode?: unknown; readonly batchItemFailures?: unknown[] } | null | undefined
type Callback = (error?: unknown, result?: unknown) => void
declare const process: { readonly env: Record<string, string | undefined> }

/** The one kind: Lambda calls every handler with an event; streaming and callbacks are told apart here. */
export const onEvent: Kind<unknown, readonly unknown[], unknown> = {
  start(call): Start | undefined {
    const context = contextOf(call)
    const event = describeEvent(call.args[0])
    const xray = parseXRay(context?.xRayTraceId ?? process.env['_X_AMZN_TRACE_ID'])
    const custom = context?.clientContext?.custom ?? context?.clientContext?.Custom
    const sampled = xray && xray.traceFlags === TraceFlags.SAMPLED
    return {
      name: event.name ?? context?.functionName ?? call.meta.name,
      kind: SpanKind.SERVER,
      attributes: { 'faas.trigger': event.trigger, ...invocationAttributes(context), ...event.attributes },
      carriers: [
        ...(event.carrier ? [event.carrier] : []),
        ...(custom ? [custom] : []),
        // Last, because it names a segment that only X-Ray has. An unsampled one would silence the
        // trace as a parent, so it is a link.
        ...(sampled && !event.batch?.length ? [toCarrier(xray)] : []),
      ],
      ...(event.batch ? { batch: event.batch } : {}),
      ...(xray && !sampled ? { links: [{ context: xray }] } : {}),
    }
  },
  enter(call, invocation) {
    const [event, second, third] = call.args
    if (isResponseStream(second)) invocation.hold(ended(second))
    // Runtime client 3 passes a callback to every handler; only one that declares it will call it.
    if (typeof third !== 'function' || call.arity < 3) return call.args
    return [event, second, observe(third as Callback, invocation)]
  },
  leave(end) {
    return 'error' in end ? undefined : { outcome: toOutcome(end.value as Result) }
  },
}

function toOutcome(result: Result): Outcome {
  const attributes: Attributes = {}
  if (Array.isArray(result?.batchItemFailures) && result.batchItemFailures.length > 0) {
    attributes['aws.lambda.batch_item_failures'] = result.batchItemFailures.length
  }
  const status = Number(result?.statusCode)
  if (!Number.isInteger(status) || status < 100 || status > 599) return { attributes }
  attributes[HTTP_RESPONSE_STATUS_CODE] = status
  return status >= 500 ? { attributes, errorType: String(status) } : { attributes }
}

/** https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/ */
function invocationAttributes(context: LambdaContext | undefined): Attributes {
  if (!context?.awsRequestId) return {}
  const attributes: Attributes = {
    'faas.invocation.id': context.awsRequestId,
    // The name until semantic conventions 1.44, which most backends still look for.
    'faas.invocation_id': context.awsRequestId,
  }
  const arn = context.invokedFunctionArn
  if (!arn) return attributes
  // arn:aws:lambda:<region>:<account>:function:<name>[:<alias or version>]
  const parts = arn.split(':').slice(0, 7)
  const version = context.functionVersion
  if (version && version !== '$LATEST' && arn.split(':').length > 7) parts.push(version)
  const resourceId = parts.join(':')
  attributes['cloud.resource_id'] = resourceId
  attributes['cloud.account.id'] = parts[4]
  if (arn !== resourceId) attributes['aws.lambda.invoked_arn'] = arn
  return attributes
}

/** `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1` */
function parseXRay(header: string | undefined): SpanContext | undefined {
  const match = header && /Root=1-([\da-f]{8})-([\da-f]{24})/.exec(header)
  const parent = header && /Parent=([\da-f]{16})/.exec(header)
  if (!match || !parent) return undefined
  return {
    traceId: match[1]! + match[2]!,
    spanId: parent[1]!,
    traceFlags: /Sampled=1/.test(header) ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  }
}

function toCarrier({ traceId, spanId }: SpanContext): Record<string, string> {
  return { traceparent: `00-${traceId}-${spanId}-01` }
}

function isResponseStream(value: unknown): value is ResponseStream {
  return (
    typeof (value as { write?: unknown } | undefined)?.write === 'function' &&
    typeof (value as ResponseStream).on === 'function'
  )
}

function ended(stream: ResponseStream): Promise<void> {
  return new Promise((resolve) => {
    stream.on('finish', resolve)
    stream.on('close', resolve)
    stream.on('error', resolve)
  })
}

/** Holds the invocation until the handler calls back. A returned promise is waited for as well. */
function observe(callback: Callback, invocation: Invocation): Callback {
  let called!: () => void
  invocation.hold(new Promise<void>((resolve) => (called = resolve)))
  return (error, result) => {
    const thrown = error as Partial<Error> | undefined
    if (error)
      invocation.outcome({ errorType: thrown?.name ?? typeof error, message: thrown?.message ?? String(error) })
    else invocation.outcome(toOutcome(result as Result))
    called()
    return callback(error, result)
  }
}
