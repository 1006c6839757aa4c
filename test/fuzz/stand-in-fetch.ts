/** In the place of `fetch` before the runtime is loaded, which keeps the one that it finds then. Imported first. */
type Fetch = typeof globalThis.fetch

let current: Fetch = globalThis.fetch
globalThis.fetch = (...args) => current(...args)

/** From now on it is this one. */
export function setFetch(fetch: Fetch): void {
  current = fetch
}
