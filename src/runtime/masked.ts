import type { Config } from './config.ts'

/** The bytes of UTF-8, which is what `btoa` takes. */
function credentialsOf({ username, password }: URL): string {
  return unescape(`${username}:${password}`)
}

/** `user:password@` as it is sent. */
export function toBase64(endpoint: URL): string {
  return btoa(credentialsOf(endpoint))
}

/**
 * What somebody else says of a request, without the words of the headers, the path and the query that it was sent with:
 * a collector may repeat them, and `fetch` quotes its URL. The beginning of a word that was cut off is in them, too, and
 * an escape of JSON or of a URL is not the beginning of one.
 */
export function masked(text: unknown, { endpoint, headers }: Config): string {
  const sent = JSON.stringify([
    endpoint.pathname,
    endpoint.search,
    headers,
    credentialsOf(endpoint),
    toBase64(endpoint),
  ])
  return String(text).replace(/\\u....|%..|\w{3,}/g, (word) => (sent.includes(word) ? '***' : word))
}
