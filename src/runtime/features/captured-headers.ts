/**
 * Headers of requests and responses as attributes, those that `captureHeaders` names.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/http/#http-request-header
 */
import type { Attributes } from '@opentelemetry/api'
import type { Call } from '../../contract.ts'
import { aroundHeads, type Head } from '../answer-heads.ts'
import { aroundKinds } from '../around.ts'
import { findField, type Fields } from '../lambda-result.ts'
import { isNodeResponse } from '../node-http.ts'
import type { Setup } from '../provider.ts'
import { quietly } from '../quietly.ts'

/** In lower case. */
interface Names {
  readonly request?: readonly string[]
  readonly response?: readonly string[]
}
type Get = Head['get']

export function captureHeaders(setup: Setup, { request = [], response = [] }: Names): Setup {
  const inner = response[0]
    ? aroundHeads(setup, ({ get }, { root }) => void root.setAttributes(toAttributes('response', response, get)))
    : setup
  if (!request[0]) return inner
  return aroundKinds(inner, (kind) => ({
    ...kind,
    start(call, outer) {
      const start = kind.start(call, outer)
      const get = start && quietly(() => readerOf(call, setup))
      return get ? { ...start, attributes: { ...start.attributes, ...toAttributes('request', request, get) } } : start
    },
  }))
}

function toAttributes(side: 'request' | 'response', names: readonly string[], get: Get): Attributes {
  const found: Attributes = {}
  for (const name of names) {
    const value = quietly(() => get(name))
    if (value !== undefined) found[`http.${side}.header.${name}`] = [value].flat()
  }
  return found
}

interface Asking {
  readonly request?: Asking
  readonly headers?: Fields | Headers
  readonly multiValueHeaders?: Fields
}

/** A `Request`, what has one, Node's, or an event of Lambda's. */
function readerOf({ args }: Call, { host }: Setup): Get | undefined {
  const [first, second] = args as readonly [Asking | undefined, unknown]
  // To Next, a route on Node that reads them is not static.
  // https://nextjs.org/docs/app/api-reference/file-conventions/route#caching
  if (host.framework && !isNodeResponse(second) && !('EdgeRuntime' in globalThis)) return undefined
  const { headers, multiValueHeaders } = first?.request ?? first ?? {}
  // Azure's are not of the global class.
  if (typeof (headers as Headers | undefined)?.get === 'function')
    return (name) => (headers as Headers).get(name) ?? undefined
  return (name) => findField(multiValueHeaders, name) ?? findField(headers as Fields, name)
}
