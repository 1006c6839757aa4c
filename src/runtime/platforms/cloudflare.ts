/**
 * What calls us on Cloudflare. The build-time half is `plugin/platforms/cloudflare.ts`, the freeze is
 * `hosts/workerd.ts`. https://developers.cloudflare.com/workers/runtime-apis/handlers/
 */
import { SpanKind, type Attributes } from '@opentelemetry/api'
import type { Call, Kind, Start } from '../../contract.ts'
import { carrierOf } from '../http.ts'

export { wrapHandler } from '../by-hand/cloudflare.ts'
export type { WrapOptions } from '../by-hand/wrap-options.ts'

export { instrumentPages, onRequest } from '../pages.ts'
export { onFetchEvent, onQueueEvent, onScheduledEvent } from '../worker-events.ts'
export { onFetch, onQueue, onScheduled } from '../workerd-handlers.ts'

export const onEmail: Kind<unknown, readonly [{ headers: Headers }]> = {
  start: ({ args: [{ headers }] }) => ({
    name: 'email',
    kind: SpanKind.SERVER,
    attributes: { 'faas.trigger': 'other' },
    carriers: [carrierOf(headers)],
  }),
}

/** Durable Objects. https://developers.cloudflare.com/durable-objects/api/alarms/ */
export const onAlarm: Kind<unknown, readonly [{ retryCount?: number }?]> = {
  start: (call) => started(call, 'timer', { 'cloudflare.durable_object.retry_count': call.args[0]?.retryCount }),
}

/** Durable Objects that hibernate: each message is an event of its own, though its socket is the same. */
export const onWebSocket: Kind = {
  start: (call) => ({ ...started(call, 'other'), event: undefined }),
}

/** Handlers of the platform that are not traced: a tail Worker would trace itself. */
const NOT_REMOTE = /\.(tail(Stream)?|trace|connect|test)$/

/** A method called over RPC, which has no place for a parent. */
export const onCall: Kind = {
  start(call) {
    if (NOT_REMOTE.test(call.meta.name)) return undefined
    // A Workflow's steps are replayed: spans would be sent again with each replay.
    if (call.meta.name.endsWith('.run') && isWorkflow(call.self)) return undefined
    return started(call, 'other', { 'rpc.system.name': 'cloudflare', 'rpc.method': methodOf(call) })
  },
}

function started(call: Call, trigger: string, attributes: Attributes = {}): Start {
  return { name: methodOf(call), kind: SpanKind.SERVER, attributes: { 'faas.trigger': trigger, ...attributes } }
}

/** `Counter/increment`; the class of a default export by its own name. */
function methodOf({ meta, self }: Call): string {
  const at = meta.name.lastIndexOf('.')
  const exported = meta.name.slice(0, at)
  const owner = exported === 'default' ? (self as object).constructor.name : exported
  return `${owner}/${meta.name.slice(at + 1)}`
}

/** By name: importing `cloudflare:workers` to ask would keep the bundle from running anywhere else. */
function isWorkflow(self: unknown): boolean {
  for (let at: unknown = self; at; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, 'constructor') && (at as object).constructor.name === 'WorkflowEntrypoint') return true
  }
  return false
}
