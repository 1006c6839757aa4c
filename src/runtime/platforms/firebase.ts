/**
 * What calls us on Firebase: the handlers that are given to `firebase-functions`. The build-time half is
 * `plugin/platforms/firebase.ts`, the freeze is `hosts/google-cloud.ts`. https://firebase.google.com/docs/functions
 */
import type { Attributes } from '@opentelemetry/api'
import type { Carrier, HandlerMeta, Kind, Outcome, Start } from '../../contract.ts'
import { describeBackgroundEvent, describeCloudEvent } from '../cloud-event.ts'
import { toHttpOutcome } from '../http.ts'
import { withOwnParent } from '../google-parent.ts'
import { enterNode, leaveNode } from '../node-handler.ts'
import { describeNodeRequest, type NodeRequest, type NodeResponse } from '../node-http.ts'

export { wrapHandler } from '../by-hand/firebase.ts'
export type { WrapOptions } from '../by-hand/wrap-options.ts'

declare const process: { readonly env: Record<string, string | undefined> }

/** `onRequest((request, response) => …)` */
export const onRequest: Kind<unknown, readonly [NodeRequest, NodeResponse], unknown> = {
  start: ({ args: [request] }) => withOwnParent(describeNodeRequest(request)),
  enter: enterNode,
  leave: leaveNode,
}

interface Callable {
  readonly rawRequest?: NodeRequest
}

/** `onCall((request) => …)`, in the first generation `(data, context)`: the SDK answers once it is settled. */
export const onCall: Kind<unknown, readonly [Callable, Callable?], unknown> = {
  start({ args: [request, context], meta }): Start {
    // The data may be anything.
    const rawRequest = request?.rawRequest ?? context?.rawRequest
    const name = functionName(meta)
    if (!rawRequest) return { ...describeCloudEvent({}, name), attributes: { 'faas.trigger': 'http' } }
    return { ...withOwnParent(describeNodeRequest(rawRequest)), event: rawRequest }
  },
  leave: (end) => ({ outcome: 'error' in end ? toCallableOutcome(end.error) : toHttpOutcome(200) }),
}

/** An `HttpsError` is an answer: https://firebase.google.com/docs/reference/functions/2nd-gen/node/firebase-functions.https.httpserror */
function toCallableOutcome(error: unknown): Outcome {
  const { httpErrorCode, code, message } = (error ?? {}) as Partial<Error> & {
    readonly httpErrorCode?: { readonly status?: number }
    readonly code?: string
  }
  const outcome = toHttpOutcome(httpErrorCode?.status ?? 500)
  if (outcome.errorType === undefined) return outcome
  const type = httpErrorCode ? code : (error as Partial<Error> | undefined)?.name
  return { ...outcome, errorType: type ?? typeof error, ...(message !== undefined && { message }) }
}

interface Event {
  readonly specversion?: string
  readonly eventType?: string
  readonly scheduleTime?: string
  readonly queueName?: string
  readonly id?: string
  readonly headers?: Carrier
}

/** All else: `(event)`, in the first generation `(data, context)` or, on a schedule, `(context)`. */
export const onEvent: Kind<unknown, readonly unknown[], unknown> = {
  start({ args: [first, second], meta }): Start {
    const name = functionName(meta)
    const [event, context] = [first, second].map((value) => (typeof value === 'object' && value ? value : {}) as Event)
    if (event!.specversion !== undefined) return withOwnParent(describeCloudEvent(event, name))
    const task = event!.queueName === undefined ? context! : event!
    if (task.queueName !== undefined) return describeTask(task, name)
    if (event!.scheduleTime !== undefined || (second === undefined && event!.eventType !== undefined)) {
      return { ...describeCloudEvent({}, name), attributes: { 'faas.trigger': 'timer' } }
    }
    if (context!.eventType !== undefined) return describeBackgroundEvent(first, second, name)
    return describeCloudEvent(first, name)
  },
}

/** https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler */
function describeTask({ queueName, id, headers = {} }: Event, name: string): Start {
  const attributes: Attributes = {
    'faas.trigger': 'pubsub',
    'messaging.operation.type': 'process',
    'messaging.operation.name': 'process',
    'messaging.destination.name': queueName,
    'messaging.message.id': id,
  }
  return { ...describeCloudEvent({}, name), name: `process ${queueName}`, attributes, carriers: [headers] }
}

/** One process runs one function, whose name is that of the export. */
function functionName({ name }: HandlerMeta): string {
  return process.env['FUNCTION_TARGET'] ?? name
}
