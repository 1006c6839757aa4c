/** Where `context` of `otel.config.ts` finds who a request is for. */
import type { Incoming } from './hook-types.ts'
import { quietly } from './quietly.ts'

/** Gives undefined where there is nothing. */
export type ContextSource = (incoming: Incoming) => string | undefined

/**
 * A header of the request: of a `Request`, of Node's, of an event of API Gateway, a load balancer or a function URL.
 * Whoever calls a public endpoint can send any.
 * @param name in any case of letters
 */
export function fromHeader(name: string): ContextSource {
  return ({ header }) => header(name)
}

/**
 * A cookie of the request, decoded.
 * @param name as it is sent
 */
export function fromCookie(name: string): ContextSource {
  return ({ header }) => {
    for (const pair of header('cookie')?.split(';') ?? []) {
      const at = pair.indexOf('=')
      if (at < 0 || pair.slice(0, at).trim() !== name) continue
      const value = pair
        .slice(at + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1')
      return quietly(() => decodeURIComponent(value)) ?? value
    }
    return undefined
  }
}

/**
 * An entry of the request's W3C baggage, decoded: of a service that calls with `propagateTo: { baggage: […] }`, or on
 * Lambda of an `Invoke` that has it in its `ClientContext`. Whoever calls a public endpoint can send any.
 * @param key `user.id` for what `context` or `withContext` there has as `userId`
 */
export function fromBaggage(key: string): ContextSource {
  return ({ header, args }) => {
    const { clientContext } = (args[1] ?? {}) as InvokedContext
    const baggage = header('baggage') ?? clientContext?.custom?.['baggage'] ?? clientContext?.Custom?.['baggage']
    for (const entry of String(baggage ?? '').split(',')) {
      const [pair = ''] = entry.split(';')
      const at = pair.indexOf('=')
      if (at < 0 || pair.slice(0, at).trim() !== key) continue
      const value = pair.slice(at + 1).trim()
      return quietly(() => decodeURIComponent(value)) ?? value
    }
    return undefined
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
interface InvokedContext {
  readonly clientContext?: { readonly custom?: Entries; readonly Custom?: Entries }
}
type Entries = Readonly<Record<string, unknown>>

/**
 * A claim of a JSON Web Token, UNVERIFIED: neither its signature nor its time is looked at, so it tells who somebody says
 * they are. For spans, and nothing that decides.
 * @param claim `sub` for one; of another type than a string, a number or a boolean it is none
 * @param header that has the token, behind `Bearer ` or alone. Default: `authorization`
 */
export function fromJwtClaim(claim: string, header = 'authorization'): ContextSource {
  return (incoming) => {
    const [, payload] = incoming.header(header)?.trim().split('.') ?? []
    const claims = quietly(() => JSON.parse(decode(payload!)) as Readonly<Record<string, unknown>>)
    const value = claims && Object.hasOwn(claims, claim) ? claims[claim] : undefined
    return /^(string|number|boolean)$/.test(typeof value) ? String(value) : undefined
  }
}

/** https://www.rfc-editor.org/rfc/rfc7515#section-2 */
function decode(base64url: string): string {
  const bytes = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return new TextDecoder().decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)))
}
