import { host } from '../hosts/next-server.ts'
import { instrument } from '../instrument.ts'
import { isNodeResponse } from '../node-http.ts'
import { setup } from '../node.ts'
import { onApi, onProxy, onRoute } from '../platforms/nextjs.ts'
import { isNode } from './is-node.ts'
import { compose, oneOf, type Wrapped, type WrapOptions } from './wrap-options.ts'

export interface NextWrapOptions extends WrapOptions {
  /** The module, relative to the project: what the route is told by. `app/users/[id]/route.ts` */
  readonly file: string
}

/**
 * Wraps what Next.js calls where `withOtel()` does not: `export const GET = wrapHandler(async (request) => …, { file })`
 * in a `route.ts`, the default export of `pages/api/…`, and `proxy` or `middleware`. Pages and server components are not
 * handlers: Next traces them itself as soon as one handler is wrapped. On Node only: for the edge runtime Next's bundlers
 * take nothing that is for Node, so there it needs `withOtel()`. What that wraps as well makes one span.
 * @param handler what is no function is returned as it is
 * @param options `file` is needed
 */
export function wrapHandler<H extends Wrapped>(handler: H, options: NextWrapOptions): H {
  if (!isNode()) return handler
  const { file } = options
  const isProxy = /(^|\/)(proxy|middleware)\.[^/]+$/.test(file)
  const kind = oneOf(({ args: [, second] }) => (isProxy ? onProxy : isNodeResponse(second) ? onApi : onRoute))
  // By this name the request's own method is the name.
  return instrument(
    kind,
    handler,
    { name: options.name ?? 'GET', file, line: undefined as never },
    compose(setup, host, options),
  )
}
