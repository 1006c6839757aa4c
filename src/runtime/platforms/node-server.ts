/**
 * What calls us on a server of one's own: Node's `http`, and the frameworks on top of it. The build-time half is
 * `plugin/platforms/node-server.ts`, the freeze is `hosts/server.ts`. https://nodejs.org/api/http.html#event-request
 */
import { trace, type Span } from '@opentelemetry/api'
import type { Invocation, Kind } from '../../contract.ts'
import { endBatched } from '../batches.ts'
import { withOwnParent } from '../google-parent.ts'
import { toHttpOutcome } from '../http.ts'
import { flush } from '../manual/flush.ts'
import type { ActiveInvocation } from '../invocation.ts'
import { macrotask } from '../macrotask.ts'
import {
  delayEnd,
  describeNodeRequest,
  isNodeResponse,
  observeFirstWrite,
  type NodeRequest,
  type NodeResponse,
} from '../node-http.ts'
import { applyError } from '../outcome.ts'
import { quietly } from '../quietly.ts'
import { slot } from '../slot.ts'

export { wrapHandler } from '../by-hand/node-server.ts'
export type { WrapOptions } from '../by-hand/wrap-options.ts'

interface Request extends NodeRequest {
  readonly socket?: { readonly encrypted?: boolean }
  /** Express's, once one of its routes has matched. https://expressjs.com/en/5x/api.html#req.route */
  readonly route?: { readonly path?: unknown }
  readonly baseUrl?: unknown
}
interface Response extends NodeResponse {
  readonly writableFinished?: boolean
  /** With what it was destroyed by the server itself. */
  readonly errored?: Error | null
}
/** What the listeners threw. */
export interface Thrown {
  readonly error: unknown
}

/** `server.emit('request', request, response)`: all listeners of one request. */
export const onRequest: Kind<unknown, readonly [Request, Response], Thrown | undefined> = {
  start({ args: [request, response] }) {
    if (!isNodeResponse(response)) return undefined
    const { attributes, ...start } = withOwnParent(describeNodeRequest(request))
    // What stands in front of it may say so in a header.
    const isTls = request.socket?.encrypted && !request.headers['x-forwarded-proto']
    return {
      ...start,
      attributes: { ...attributes, 'faas.trigger': undefined, ...(isTls && { 'url.scheme': 'https' }) },
    }
  },
  enter({ args, args: [request, response] }, opened) {
    const invocation = opened as ActiveInvocation
    const isOwn = trace.getActiveSpan() !== invocation.root
    const end = () => {
      if (invocation.flushed) return
      quietly(() => describeEnd(request, response, invocation))
      endBatched(invocation, isOwn)
    }
    if (invocation.keepAlive === 'before') {
      delayEnd(response, () => {
        end()
        // Whoever is answered after this one takes its spans along.
        return isLast() ? flushAll(invocation) : undefined
      })
    }
    observeFirstWrite(response, invocation)
    response.once('close', () => {
      quietly(end)
      // Nothing can be held any more of an answer that broke off.
      if (invocation.keepAlive === 'before' && isLast()) void flush()
    })
    // It ends with its response, whatever listeners return.
    invocation.finish = async () => {}
    return args
  },
  leave(end, _call, { root }) {
    if ('value' in end && end.value) applyError(root, end.value.error)
  },
}

function isLast(): boolean {
  return slot.active.size === 0
}

/** A child may end together with the response. */
async function flushAll({ open }: Invocation): Promise<void> {
  if (open.size > 0) await macrotask()
  return flush()
}

function describeEnd(request: Request, response: Response, invocation: Invocation): void {
  const { statusCode, headersSent, writableFinished, closed, errored } = response
  const root = invocation.root as Span & { readonly name?: string; readonly status?: { readonly code: number } }
  const isBroken = closed && !writableFinished
  const { attributes, ...error } = toHttpOutcome(statusCode)
  if (attributes && (headersSent || !isBroken)) invocation.outcome({ attributes })
  // What was thrown, or is said already, says more than the status that somebody then answers with.
  const isFailed = Boolean(root.status?.code)
  if (isBroken && !errored) root.setAttribute('unplugin_otel.end_reason', 'cancelled')
  else if (errored && !isFailed) applyError(root, errored)
  else if (!isFailed) invocation.outcome(error)
  describeRoute(request, root)
}

function describeRoute({ route, baseUrl, method }: Request, root: Span & { readonly name?: string }): void {
  if (typeof route?.path !== 'string') return
  const path = (typeof baseUrl === 'string' ? baseUrl : '') + route.path
  root.setAttribute('http.route', path)
  // Somebody may have given it a name of their own.
  if (root.name === method) root.updateName(`${method} ${path}`)
}
