/** The events that a Worker may get by a method of what it exports or by a listener. */
import { SpanKind } from '@opentelemetry/api'
import type { Carrier, Kind } from '../contract.ts'
import { describeRequest, toHttpOutcome } from './http.ts'
import { observeBody } from './workerd-body.ts'

interface Properties {
  readonly colo?: string
  readonly httpProtocol?: string
}

export const onFetch: Kind<unknown, readonly [Request & { readonly cf?: Properties }], Response> = {
  start({ args: [request] }) {
    if (typeof request?.url !== 'string') return undefined
    const { cf, headers } = request
    return describeRequest(request, {
      'faas.invocation.id': headers.get('cf-ray') ?? undefined,
      'network.protocol.version': cf?.httpProtocol?.replace('HTTP/', ''),
      'cloudflare.colo': cf?.colo,
    })
  },
  leave(end, { args: [request] }, invocation) {
    if ('error' in end) return undefined
    const response = end.value
    const outcome = toHttpOutcome(response?.status)
    const observed = observeBody(request.method, response, invocation)
    return observed ? { outcome, value: observed } : { outcome }
  },
}

export interface ScheduledController {
  readonly cron: string
  readonly scheduledTime: number
}

export const onScheduled: Kind<unknown, readonly [ScheduledController]> = {
  start: ({ args: [controller] }) => ({
    name: 'scheduled',
    kind: SpanKind.SERVER,
    attributes: {
      'faas.trigger': 'timer',
      'faas.cron': controller.cron,
      'faas.invocation.start_time': new Date(controller.scheduledTime).toISOString(),
    },
  }),
}

interface Message {
  readonly id: string
  readonly body: unknown
}

export interface QueueBatch {
  readonly queue: string
  readonly messages: readonly Message[]
}

/** Queues have no headers: a producer that wants its trace to go on puts `traceparent` into the body. */
export const onQueue: Kind<unknown, readonly [QueueBatch]> = {
  start({ args: [{ queue, messages }] }) {
    return {
      name: `process ${queue}`,
      kind: SpanKind.SERVER,
      attributes: {
        'faas.trigger': 'pubsub',
        'messaging.system.name': 'cloudflare_queues',
        'messaging.operation.type': 'process',
        'messaging.operation.name': 'process',
        'messaging.destination.name': queue,
        ...(messages.length === 1
          ? { 'messaging.message.id': messages[0]!.id }
          : { 'messaging.batch.message_count': messages.length }),
      },
      batch: messages.map(({ body }) => (typeof body === 'object' && body ? (body as Carrier) : {})),
    }
  },
}
