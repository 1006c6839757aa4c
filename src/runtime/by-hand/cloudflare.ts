import { setup } from '../edge.ts'
import { host } from '../hosts/workerd.ts'
import { instrumentMembers, isClass, type Kinds } from '../members.ts'
import { instrumentPages } from '../pages.ts'
import {
  onAlarm,
  onCall,
  onEmail,
  onFetch,
  onQueue,
  onRequest,
  onScheduled,
  onWebSocket,
} from '../platforms/cloudflare.ts'
import { compose, toMeta, type WrapOptions } from './wrap-options.ts'

/**
 * Wraps what a Worker exports where no plugin does: an object, `export default wrapHandler({ fetch, scheduled, queue,
 * email })`; a class, `export const Room = wrapHandler(class extends DurableObject { … })`, whose methods that the platform
 * calls are each an event, but not a Workflow; and a function of Pages, or a list of them, `export const onRequest =
 * wrapHandler((context) => …)`. What listens in the service-worker format is not wrapped by it. What the plugin has
 * wrapped, or wraps later, makes one span.
 * @param handler anything else is returned as it is
 * @param options see there; with `nodejs_als` alone, `context: als`. Default: none
 */
export function wrapHandler<H>(handler: H, options: WrapOptions = {}): H {
  const composed = compose(setup, host, options)
  const isFunction = typeof handler === 'function' && !isClass(handler)
  if (isFunction || Array.isArray(handler)) {
    return instrumentPages(onRequest as never, handler, toMeta(handler, options, 'onRequest'), composed)
  }
  const objects = { fetch: onFetch, scheduled: onScheduled, queue: onQueue, email: onEmail }
  const sockets = { webSocketMessage: onWebSocket, webSocketClose: onWebSocket, webSocketError: onWebSocket }
  const classes = { ...objects, alarm: onAlarm, ...sockets, '*': onCall }
  const meta = toMeta(handler, options, 'default')
  return instrumentMembers(objects as unknown as Kinds, classes as unknown as Kinds, handler, meta, composed)
}
