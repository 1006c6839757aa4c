/**
 * What a function on Lambda answers API Gateway, a function URL or a load balancer with, and classic functions on
 * Netlify. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import type { OnHead } from './answer-heads.ts'

interface Result {
  readonly statusCode?: unknown
  readonly headers?: Fields
  readonly multiValueHeaders?: Fields
}
export type Fields = Readonly<Record<string, unknown>> | null | undefined

/**
 * Undefined: it stays as it is, like all that is not a plain object, or has no status: of that a gateway makes the body.
 * @param isPrelude where nothing but a head may stand, the status may be left out
 */
export function changeHead(given: unknown, event: unknown, onHead: OnHead, isPrelude?: boolean): object | undefined {
  if (typeof given !== 'object' || !given || Object.getPrototypeOf(given) !== Object.prototype) return undefined
  if (!isPrelude && !('statusCode' in given)) return undefined
  const result = given as Result
  const { headers, multiValueHeaders } = result
  const { headers: asked, multiValueHeaders: askedLists } = (event ?? {}) as Result
  let changed: object | undefined
  onHead({
    get: (name) => findField(multiValueHeaders, name) ?? findField(headers, name),
    set(name, value) {
      // A load balancer that gives lists takes nothing else.
      // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#multi-value-headers
      const takesLists = (multiValueHeaders && !headers) || (askedLists && !asked)
      changed = takesLists
        ? { ...result, multiValueHeaders: { ...multiValueHeaders, [name]: [value] } }
        : { ...result, headers: { ...headers, [name]: value } }
    },
  })
  return changed
}

/** @param name in lower case */
export function findField(fields: Fields, name: string): string | string[] | undefined {
  for (const key in fields) {
    if (key.toLowerCase() !== name) continue
    const value = fields[key]
    return Array.isArray(value) ? value.map(String) : String(value)
  }
  return undefined
}
