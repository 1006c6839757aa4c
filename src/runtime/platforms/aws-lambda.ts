/**
 * What calls us on AWS Lambda. The build-time half is `plugin/platforms/aws-lambda.ts`, the freeze is
 * `hosts/aws-lambda.ts`. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
import { SpanKind, type Attributes } from '@opentelemetry/api'
import type { Kind, Outcome, Start } from '../../contract.ts'
import { describeEvent } from '../aws-events.ts'
import { observeFirstByte } from '../first-byte.ts'
import { toHttpOutcome } from '../http.ts'
import { observeAnswer, releaseAnswer } from '../lambda-answer.ts'
import { contextOf, type LambdaContext } from '../lambda-context.ts'
import { quietly } from '../quietly.ts'

export { wrapHandler } from '../by-hand/aws-lambda.ts'
export type { WrapOptions } from '../by-hand/wrap-options.ts'

interface ResponseStream {
  write(...args: unknown[]): unknown
  end(...args: unknown[]): unknown
  on(event: 'finish' | 'close' | 'error', listener: () => void): void
}

type Result = { readonly statusCode?: unknown } | null | undefined
declare const process: { readonly env: Record<string, string | undefined> }

/** The one kind: Lambda calls every handler with an event; streaming and callbacks are told apart here. */
export const onEvent: Kind<unknown, readonly unknown[], unknown> = {
  start(call): Start | undefined {
    const context = contextOf(call)
    const event = quietly(() => describeEvent(call.args[0])) ?? { trigger: 'other' as const }
    const xray = parseXRay(context?.xRayTraceId ?? process.env['_X_AMZN_TRACE_ID'])
    const custom = context?.clientContext?.custom ?? context?.clientContext?.Custom
    return {
      name: event.name ?? context?.functionName ?? call.meta.name,
      kind: SpanKind.SERVER,
      attributes: { ...event.attributes, 'faas.trigger': event.trigger, ...invocationAttributes(context) },
      // X-Ray's last, because it names a segment that only X-Ray has.
      carriers: [event.carrier, custom, xray?.sampled && !event.batch ? xray : undefined],
      batch: event.batch,
      // As a parent, an unsampled segment would silence the trace.
      links: xray && !xray.sampled ? [xray] : [],
    }
  },
  enter(call, invocation) {
    const [, second] = call.args
    if (isResponseStream(second))
      invocation.hold(ended(second).then(observeFirstByte(second, ['write', 'end'], invocation)))
    return observeAnswer(call, invocation, toOutcome)
  },
  leave(end, _call, invocation) {
    if ('error' in end || end.awaited) releaseAnswer(invocation)
    return 'error' in end ? undefined : { outcome: toOutcome(end.value) }
  },
}

/** A partial batch failure is an answer, not an error of the invocation. */
function toOutcome(result: unknown): Outcome {
  return toHttpOutcome(Number((result as Result)?.statusCode))
}

/** https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/ */
function invocationAttributes(context: LambdaContext | undefined): Attributes {
  if (!context?.awsRequestId) return {}
  const { awsRequestId: id, functionVersion: version, invokedFunctionArn: arn } = context
  // arn:aws:lambda:<region>:<account>:function:<name>[:<alias or version>]
  const parts = arn?.split(':') ?? []
  // The convention wants the version where the caller may have used an alias.
  if (parts[7]) parts[7] = version === '$LATEST' ? '' : (version ?? '')
  const resourceId = parts.filter((part, at) => part || at < 7).join(':') || undefined
  return {
    'faas.invocation.id': id,
    // The name until semantic conventions 1.44, which most backends still look for.
    'faas.invocation_id': id,
    'cloud.resource_id': resourceId,
    'cloud.account.id': parts[4],
    'aws.lambda.invoked_arn': arn === resourceId ? undefined : arn,
  }
}

/** `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1` as a W3C carrier */
function parseXRay(header = ''): { traceparent: string; sampled: boolean } | undefined {
  const [, time, random, parent] = /Root=1-([\da-f]{8})-([\da-f]{24});.*?Parent=([\da-f]{16})/.exec(header) ?? []
  const sampled = header.includes('Sampled=1')
  return parent ? { traceparent: `00-${time}${random}-${parent}-0${Number(sampled)}`, sampled } : undefined
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
