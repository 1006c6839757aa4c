/** A request that a Worker answers. https://developers.cloudflare.com/workers/runtime-apis/handlers/fetch/ */
import type { Kind } from '../contract.ts'
import { describeRequest, toHttpOutcome } from './http.ts'
import { observeBody } from './workerd-body.ts'

interface Properties {
  readonly colo?: string
  readonly httpProtocol?: string
}

export const onFetch: Kind<unknown, readonly [Request & { readonly cf?: Properties }], Response> = {
  start({ args: [request] }) {
    if (typeof request?.url !== 'string') return undefined
    const { cf, headers } = request
    return describeRequest(request, {
      'faas.invocation.id': headers.get('cf-ray') ?? undefined,
      'network.protocol.version': cf?.httpProtocol?.replace('HTTP/', ''),
      'cloudflare.colo': cf?.colo,
    })
  },
  leave(end, { args: [request] }, invocation) {
    if ('error' in end) return undefined
    const response = end.value
    const outcome = toHttpOutcome(response?.status)
    const observed = observeBody(request.method, response, invocation)
    return observed ? { outcome, value: observed } : { outcome }
  },
}
