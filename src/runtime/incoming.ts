/** One call as hooks see it, whichever platform it is of. */
import type { Call } from '../contract.ts'
import type { Incoming } from './hook-types.ts'
import { quietly } from './quietly.ts'

type Bag = Readonly<Record<string, unknown>>
/** A `Request`, Node's request, an event of API Gateway (1.0 and 2.0), a load balancer or a function URL. */
interface WithHeaders {
  readonly headers: Bag | Pick<Headers, 'get'> | undefined
  /** https://docs.aws.amazon.com/lambda/latest/dg/services-alb.html#multi-value-headers */
  readonly multiValueHeaders?: Bag | null
  /** Of format 2.0, where they are no header: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
  readonly cookies?: unknown
}

/**
 * Nothing is read before it is asked for: to Next, a route on Node that reads headers is not static.
 * https://nextjs.org/docs/app/api-reference/file-conventions/route#caching
 */
export function toIncoming({ args, meta }: Call, platform: string): Incoming {
  const find = () => quietly(() => findRequest(args))
  return {
    platform,
    handler: meta,
    args,
    event: args[0],
    get request() {
      return find() as Incoming['request']
    },
    header(name) {
      const request = find()
      return request && quietly(() => headerOf(request, name.toLowerCase()))
    },
  }
}

/** Azure's older functions have it second; of Pages and service workers it is in what they are called with. */
function findRequest(args: readonly unknown[]): WithHeaders | undefined {
  for (const arg of args) {
    for (const each of [arg, (arg as { readonly request?: unknown } | null | undefined)?.request]) {
      const { headers, multiValueHeaders } = (Object(each) === each ? each : {}) as Partial<WithHeaders>
      if (Object(headers) === headers || Object(multiValueHeaders) === multiValueHeaders) return each as WithHeaders
    }
  }
  return undefined
}

function headerOf({ headers, multiValueHeaders, cookies }: WithHeaders, name: string): string | undefined {
  if (typeof headers?.get === 'function') return headers.get(name) ?? undefined
  for (const [key, value] of [headers, multiValueHeaders].flatMap((bag) => Object.entries(bag ?? {}))) {
    if (key.toLowerCase() === name && value !== undefined && value !== null) return join(value, ', ')
  }
  return name === 'cookie' && Array.isArray(cookies) ? join(cookies, '; ') : undefined
}

function join(value: unknown, separator: string): string {
  return Array.isArray(value) ? value.join(separator) : String(value)
}
