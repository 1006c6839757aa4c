/**
 * Node's `http.Server`: whatever listens, all of a request runs inside of the `request` event. One server emits to
 * another, and a framework may have listeners of its own, so it is the emitting that is wrapped, and no listener.
 */
import { builtin } from '../builtin.ts'
import { callListeners } from '../listeners.ts'
import { foreignProvider, type Setup } from '../provider.ts'
import { quietly } from '../quietly.ts'
import { slot } from '../slot.ts'
import type { HandlerMeta } from '../../contract.ts'

interface Emitter {
  emit(...args: unknown[]): boolean
}
interface Http {
  readonly Server: { readonly prototype: Emitter }
}
interface Channels {
  subscribe(name: string, listener: (message: unknown) => void): void
  unsubscribe(name: string, listener: (message: unknown) => void): void
}

let installed: Setup | undefined

export function install(setup: Setup): void {
  installed = setup
}

function wrapEmit(prototype: Emitter): void {
  const original = prototype.emit
  // By an installer of another bundle.
  if (slot.wrappers.has(original)) return
  // Theirs makes the root, and inside of ours it would make a second one.
  const isInstrumented = Object.hasOwn(prototype, 'emit')
  const emit = new Proxy(original, {
    apply(target, self, args: unknown[]) {
      const [event, request, response] = args
      const isLeft = event !== 'request' || !installed || (isInstrumented && foreignProvider() && !slot.tracing?.export)
      if (isLeft) return Reflect.apply(target, self, args)
      // Where it stands in the source only the build could tell.
      const call = { self, args: [request, response], arity: 2, meta: {} as HandlerMeta }
      return callListeners(call, () => Reflect.apply(target, self, args), installed!)
    },
  })
  slot.wrappers.set(emit, original)
  Object.defineProperty(prototype, 'emit', { value: emit, configurable: true, enumerable: true, writable: true })
}

quietly(() => wrapEmit(builtin<Http>('node:http')!.Server.prototype))

const REQUEST = 'http.server.request.start'

/** To load `https` costs as much as all of ours, so it is left until a server of it has a request. */
function onStart(message: unknown): void {
  const { server } = message as { readonly server: { readonly setSecureContext?: unknown } }
  if (!server.setSecureContext) return
  quietly(() => {
    builtin<Channels>('node:diagnostics_channel')!.unsubscribe(REQUEST, onStart)
    wrapEmit(builtin<Http>('node:https')!.Server.prototype)
  })
}
quietly(() => builtin<Channels>('node:diagnostics_channel')!.subscribe(REQUEST, onStart))
