/**
 * Workers in the service-worker format export nothing: they listen on the global scope.
 * https://developers.cloudflare.com/workers/reference/migrate-to-module-workers/
 */
import type { Kind } from '../../contract.ts'
import { createInstaller } from '../installer.ts'
import { callListener, onFetchEvent, onQueueEvent, onScheduledEvent } from '../worker-events.ts'

const { install, wrap } = createInstaller()
export { install }

const KINDS = { fetch: onFetchEvent, scheduled: onScheduledEvent, queue: onQueueEvent }

type Listener = (event: object) => unknown
type Wrappers = WeakMap<object, object>

/** Listener → what listens in its place, by type: always the same one, for a listener counts once and can be removed. */
const wrappers: Record<string, Wrappers> = { fetch: new WeakMap(), scheduled: new WeakMap(), queue: new WeakMap() }

function wrapperOf(type: string, listener: unknown): unknown {
  if (!Object.hasOwn(KINDS, type) || Object(listener) !== listener) return listener
  const key = listener as object
  const known = wrappers[type]!
  if (!known.has(key)) known.set(key, createWrapper(type as keyof typeof KINDS, key))
  return known.get(key)
}

function createWrapper(type: keyof typeof KINDS, listener: object): object {
  // The variables of this format are globals.
  const toWrapper = (call: Listener) => wrap(KINDS[type] as Kind, call, type, ([event]) => [event, globalThis])
  if (typeof listener === 'function') {
    return toWrapper(function (this: unknown, event) {
      return callListener(event, () => Reflect.apply(listener, this, [event]))
    })
  }
  const handler = listener as { handleEvent: Listener }
  return { handleEvent: toWrapper((event) => callListener(event, () => handler.handleEvent(event))) }
}

for (const name of ['addEventListener', 'removeEventListener'] as const) {
  const native: unknown = globalThis[name]
  // The user's tests may run elsewhere.
  if (typeof native !== 'function') continue
  const value = new Proxy(native, {
    apply: (target, self, [type, listener, ...rest]) =>
      Reflect.apply(target, self ?? globalThis, [type, wrapperOf(String(type), listener), ...rest]),
  })
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
}
