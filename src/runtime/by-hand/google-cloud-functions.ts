import { host } from '../hosts/google-cloud.ts'
import { instrument } from '../instrument.ts'
import { setup } from '../node.ts'
import { onExport } from '../platforms/google-cloud-functions.ts'
import { compose, toMeta, type Wrapped, type WrapOptions } from './wrap-options.ts'

/**
 * Wraps a function of the Functions Framework where no plugin does: `functions.http('orders', wrapHandler((request,
 * response) => …))`, `functions.cloudEvent('stored', wrapHandler((event) => …))`, or an export that `--target` names.
 * What the plugin has wrapped, or wraps later, makes one span.
 * @param handler what is no function is returned as it is
 * @param options see there. Default: none
 */
export function wrapHandler<H extends Wrapped>(handler: H, options: WrapOptions = {}): H {
  return instrument(onExport as never, handler, toMeta(handler, options), compose(setup, host, options))
}
