/**
 * `fetch`, where it is all there is: the global is replaced when tracing starts. What bindings have (`env.SERVICE.fetch`)
 * is theirs.
 */
import type { Span } from '@opentelemetry/api'
import { endRequest, failRequest, startRequest } from '../outgoing/client-span.ts'
import { whenTracing } from '../outgoing/when-tracing.ts'
import type { Setup } from '../provider.ts'
import { quietly } from '../quietly.ts'
import { slot } from '../slot.ts'
import { isThenable } from '../thenable.ts'

type Fetch = typeof globalThis.fetch
type Args = [input: unknown, init?: RequestInit | null | undefined, ...rest: unknown[]]

/** @param except the source of a regular expression for hosts that get no headers */
export function traceOutgoing(setup: Setup, { except }: { readonly except: string }): Setup {
  return whenTracing(setup, () => install(new RegExp(except, 'i')))
}

function install(except: RegExp): void {
  const { fetch } = globalThis
  // By another copy of this.
  if (slot.wrappers.has(fetch)) return
  globalThis.fetch = wrap(fetch, except)
  slot.wrappers.set(globalThis.fetch, fetch)
}

function wrap(fetch: Fetch, except: RegExp): Fetch {
  return new Proxy(fetch, {
    apply(target, self, args: Args) {
      const begun = quietly(() => begin(args, except))
      if (!begun) return Reflect.apply(target, self, args)
      const { span, given } = begun
      const fail = (error: unknown): never => {
        quietly(() => failRequest(span, error))
        throw error
      }
      let answer: unknown
      try {
        answer = Reflect.apply(target, self, given)
      } catch (error) {
        return fail(error)
      }
      // Somebody else's, before ours.
      if (!isThenable(answer)) return answer
      // Its own `then`: what it gives is a promise of the same class.
      const { then: settle } = answer
      return Reflect.apply(settle, answer, [
        (response: Response) => {
          quietly(() => endRequest(span, response.status))
          return response
        },
        fail,
      ])
    },
  })
}

/** Undefined: it is sent as it is. A `Request` is only read, and what belongs to the user stays theirs: headers are added to a copy. */
function begin(args: Args, except: RegExp): { span: Span; given: Args } | undefined {
  const [input, init, ...rest] = args
  const request = input instanceof Request ? input : undefined
  const url = request?.url ?? (typeof input === 'string' || input instanceof URL ? input : '')
  if (!URL.canParse(url) || !/^https?:/i.test(String(url))) return undefined
  let headers: Headers | undefined
  let isChanged = false
  let isSpent = false
  const read = () => {
    if (!headers) {
      const given = init?.headers
      headers = new Headers(given ?? request?.headers)
      // An iterator gives them once.
      isSpent = typeof (given as { next?: unknown } | undefined)?.next === 'function'
    }
    return headers
  }
  const span = startRequest(
    {
      method: String(init?.method ?? request?.method ?? 'GET').toUpperCase(),
      url: new URL(url),
      get: (name) => read().get(name),
      set(name, value) {
        read().set(name, value)
        isChanged = true
      },
    },
    except,
  )
  return span && { span, given: isChanged || isSpent ? [input, withHeaders(init ?? {}, read()), ...rest] : args }
}

/** A `Request` may be given in the place of an object, whose getters want no other receiver. */
function withHeaders(init: RequestInit, headers: Headers): RequestInit {
  const prototype = Object.getPrototypeOf(init) as unknown
  if (!prototype || prototype === Object.prototype) return { ...init, headers }
  return new Proxy({}, { get: (_, name) => (name === 'headers' ? headers : Reflect.get(init, name)) })
}
