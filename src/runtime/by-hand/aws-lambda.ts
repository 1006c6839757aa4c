import { host } from '../hosts/aws-lambda.ts'
import { instrument } from '../instrument.ts'
import { setup } from '../node.ts'
import { onEvent } from '../platforms/aws-lambda.ts'
import { compose, toMeta, type Wrapped, type WrapOptions } from './wrap-options.ts'

/**
 * Wraps a Lambda handler where no plugin does: `export const handler = wrapHandler(async (event, context) => …)`, with a
 * callback as well, and inside or outside of `awslambda.streamifyResponse()`. Callers wait for the flush, within
 * `flush.budgetMs`: only a build can register the extension that spares them that. What the plugin has wrapped, or wraps
 * later, makes one span.
 * @param handler what is no function is returned as it is
 * @param options see there. Default: none
 */
export function wrapHandler<H extends Wrapped>(handler: H, options: WrapOptions = {}): H {
  return instrument(onEvent as never, handler, toMeta(handler, options), compose(setup, host, options))
}
