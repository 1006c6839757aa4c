import { setup as edge } from '../edge.ts'
import { host } from '../hosts/netlify.ts'
import { instrument } from '../instrument.ts'
import { instrumentMembers } from '../members.ts'
import { setup as node } from '../node.ts'
import { onEvent, onRequest } from '../platforms/netlify.ts'
import { isNode } from './is-node.ts'
import { compose, oneOf, toMeta, type WrapOptions } from './wrap-options.ts'

/**
 * Wraps a function of Netlify, in Node or at the edge, where no plugin does: `export default wrapHandler(async (request,
 * context) => …)` or of an object `{ fetch }`; `export const handler = wrapHandler(async (event, context) => …)`, also
 * inside of `stream()` and `schedule()`. What the plugin has wrapped, or wraps later, makes one span.
 * @param handler what is neither a function nor such an object is returned as it is
 * @param options see there. Default: none
 */
export function wrapHandler<H>(handler: H, options: WrapOptions = {}): H {
  const setup = compose(isNode() ? node : edge, host, options)
  if (typeof handler !== 'function') {
    return instrumentMembers({ fetch: onRequest as never }, {}, handler, toMeta(handler, options, 'default'), setup)
  }
  // An event of the older model has no URL of that name.
  const kind = oneOf(({ args: [first] }) =>
    typeof (first as { url?: unknown } | null | undefined)?.url === 'string' ? onRequest : onEvent,
  )
  return instrument(kind, handler, toMeta(handler, options), setup)
}
