import { host } from '../hosts/server.ts'
import { callListeners } from '../listeners.ts'
import { setup } from '../node.ts'
import { slot } from '../slot.ts'
import { compose, toMeta, type Wrapped, type WrapOptions } from './wrap-options.ts'

/**
 * Wraps what listens to the requests of a server of one's own where no plugin does: `createServer(wrapHandler((request,
 * response) => …))`, or an app that is such a function: `createServer(wrapHandler(express()))`. The span ends with the
 * response. What the plugin has wrapped makes one span.
 * @param handler what is no function is returned as it is
 * @param options see there. Default: none
 */
export function wrapHandler<H extends Wrapped>(handler: H, options: WrapOptions = {}): H {
  if (typeof handler !== 'function') return handler
  const original = (slot.wrappers.get(handler) ?? handler) as H
  const composed = compose(setup, host, options)
  const meta = toMeta(original, options)
  const wrapper = new Proxy(original, {
    apply: (target, self, args) =>
      callListeners({ self, args, arity: 2, meta }, () => Reflect.apply(target, self, args), composed),
  })
  slot.wrappers.set(wrapper, original)
  return wrapper
}
