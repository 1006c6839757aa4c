import { host } from '../hosts/google-cloud.ts'
import { instrument } from '../instrument.ts'
import { isNodeResponse } from '../node-http.ts'
import { setup } from '../node.ts'
import { onCall, onEvent, onRequest } from '../platforms/firebase.ts'
import { compose, oneOf, toMeta, type Wrapped, type WrapOptions } from './wrap-options.ts'

/**
 * Wraps what is given to `firebase-functions` where no plugin does: `onRequest(wrapHandler((request, response) => …))`,
 * `onCall(wrapHandler((request) => …))`, `onDocumentWritten('a/{b}', wrapHandler((event) => …))`, of both generations.
 * What the plugin has wrapped, or wraps later, makes one span.
 * @param handler what is no function is returned as it is
 * @param options see there. Default: none
 */
export function wrapHandler<H extends Wrapped>(handler: H, options: WrapOptions = {}): H {
  const kind = oneOf(({ args: [first, second] }) =>
    isNodeResponse(second) ? onRequest : [first, second].some(isCallable) ? onCall : onEvent,
  )
  return instrument(kind, handler, toMeta(handler, options), compose(setup, host, options))
}

/** The request of a callable, or its context in the first generation. */
function isCallable(value: unknown): boolean {
  return (value as { rawRequest?: unknown } | null | undefined)?.rawRequest !== undefined
}
