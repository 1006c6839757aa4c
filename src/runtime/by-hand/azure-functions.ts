import { host } from '../hosts/azure.ts'
import { instrument } from '../instrument.ts'
import { setup } from '../node.ts'
import { onFunction, onInvocation } from '../platforms/azure-functions.ts'
import { compose, oneOf, toMeta, type Wrapped, type WrapOptions } from './wrap-options.ts'

/**
 * Wraps a handler of Azure Functions where no plugin does: `app.http('orders', { handler: wrapHandler(async (request,
 * context) => …) })`, or, in the older model, `module.exports = wrapHandler(async (context, request) => …)`. What the
 * plugin has wrapped, or wraps later, makes one span.
 * @param handler what is no function is returned as it is
 * @param options see there. Default: none
 */
export function wrapHandler<H extends Wrapped>(handler: H, options: WrapOptions = {}): H {
  // Only the older model has the bindings in its first argument.
  const kind = oneOf(({ args: [first] }) =>
    (first as { bindings?: unknown } | null)?.bindings ? onFunction : onInvocation,
  )
  return instrument(kind, handler, toMeta(handler, options), compose(setup, host, options))
}
