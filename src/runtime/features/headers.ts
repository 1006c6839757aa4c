/** `headers` of `otel.config.ts`: those of each export, for tokens that rotate and requests that are signed. */
import type { Config as Resolved } from '../config.ts'
import type { Config } from '../define-config.ts'
import type { Setup } from '../provider.ts'
import { attempt, blame, createWait, listOf, untraced } from '../user-functions.ts'

type Headers = Resolved['headers']

export function addHeaders(setup: Setup, config: Config | undefined): Setup {
  const [create] = listOf(config, 'headers')
  if (!create) return setup
  const { transport } = setup
  const wait = createWait('headers')
  const own = new WeakMap<Resolved, Headers>()

  function withHeaders(resolved: Resolved, given: unknown): Resolved {
    const base = own.get(resolved) ?? { ...resolved.headers }
    own.set(resolved, base)
    const more = attempt('headers', () => toHeaders(given)) ?? {}
    // Where these are read, it is for what an answer repeats of them to be left out of what is said about it.
    Object.assign(resolved.headers, more)
    // What is signed is what is sent.
    return { ...resolved, headers: { ...base, ...more }, gzip: resolved.gzip && create!.length === 0 }
  }

  return {
    ...setup,
    transport: {
      ...transport,
      send(resolved, contentType, body, budgetMs) {
        const began = Date.now()
        const url = new URL(resolved.endpoint)
        url.username = url.password = ''
        const given = attempt('headers', () => untraced(() => create({ url: url.href, body, contentType })))
        const waiting = wait(given, budgetMs / 2)
        // At once where nothing is waited for: at the end of a process there is no other turn.
        if (!waiting) return transport.send(withHeaders(resolved, given), contentType, body, budgetMs)
        return waiting.then((value) =>
          transport.send(withHeaders(resolved, value), contentType, body, budgetMs - (Date.now() - began)),
        )
      },
    },
  }
}

/** Those that can be sent: one that cannot would take the spans along. https://www.rfc-editor.org/rfc/rfc9110#section-5.5 */
function toHeaders(given: unknown): Headers {
  const headers: Headers = {}
  for (const [name, value] of given instanceof globalThis.Headers ? given : Object.entries(given ?? {})) {
    if (value === undefined || value === null) continue
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]+$/.test(String(value)))
      headers[name] = String(value)
    else blame('headers', `'${name}' cannot be sent`)
  }
  return headers
}
