/**
 * What calls us on Google Cloud Functions: the Functions Framework. The build-time half is
 * `plugin/platforms/google-cloud-functions.ts`, the freeze is `hosts/google-cloud.ts`.
 * https://github.com/GoogleCloudPlatform/functions-framework-nodejs
 */
import type { Call, Kind, Start } from '../../contract.ts'
import { observeCallback } from '../callback.ts'
import { describeBackgroundEvent, describeCloudEvent } from '../cloud-event.ts'
import { withOwnParent } from '../google-parent.ts'
import { describeNodeRequest, isNodeResponse, type NodeRequest, type NodeResponse } from '../node-http.ts'
import { enterNode, leaveNode } from '../node-handler.ts'

export { wrapHandler } from '../by-hand/google-cloud-functions.ts'
export type { WrapOptions } from '../by-hand/wrap-options.ts'

/** `functions.http(name, (request, response) => …)` */
export const onHttp: Kind<unknown, readonly [NodeRequest, NodeResponse], unknown> = {
  start: ({ args: [request] }) => withOwnParent(describeNodeRequest(request)),
  enter: enterNode,
  leave: leaveNode,
}

/** `functions.cloudEvent(name, (event) => …)`; with a second parameter the framework waits for that callback. */
export const onCloudEvent: Kind<unknown, readonly unknown[], unknown> = {
  start: ({ args: [event], meta }) => withOwnParent(describeCloudEvent(event, meta.name)),
  enter: ({ args, arity }, invocation) => (arity > 1 ? observeCallback(args, invocation) : args),
}

/** An export that `--target` names: its signature is known at run time only. */
export const onExport: Kind<unknown, readonly unknown[], unknown> = {
  start: (call): Start | undefined => {
    const { args, meta } = call
    if (isHttp(call)) return onHttp.start(call)
    const [event, context] = args
    if (typeof context !== 'object' || context === null) return onCloudEvent.start(call)
    return describeBackgroundEvent(event, context, meta.name)
  },
  enter(call, invocation) {
    const { args, arity } = call
    if (isHttp(call)) return enterNode(call, invocation)
    return typeof args.at(-1) === 'function' && arity >= args.length ? observeCallback(args, invocation) : args
  },
  leave: (end, call, invocation) => (isHttp(call) ? leaveNode(end, call, invocation) : undefined),
}

function isHttp(call: Call<unknown, readonly unknown[]>): call is Call<unknown, readonly [NodeRequest, NodeResponse]> {
  return isNodeResponse(call.args[1])
}
