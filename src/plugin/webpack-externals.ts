/** What the user keeps outside of webpack's bundle, but for us: nothing of ours needs to be in `node_modules` at run time. */
import { RESOLVED } from './entry.ts'

interface Data {
  readonly request?: string
}
type Callback = (error?: Error | null, result?: unknown) => void
// oxlint-disable-next-line typescript/no-explicit-any
type Item = any

/** Every form of https://webpack.js.org/configuration/externals/ stays what it is, but says no to our requests. */
export function externalsWithoutOurs(externals: unknown): Item {
  if (Array.isArray(externals)) return externals.map(externalsWithoutOurs)
  if (typeof externals === 'function') return fromFunction(externals)
  if (externals instanceof RegExp) {
    return ({ request = '' }: Data, callback: Callback) => callback(null, !isOurs(request) && externals.test(request))
  }
  if (typeof externals === 'string') return isOurs(externals) ? [] : externals
  if (typeof externals !== 'object' || externals === null) return externals
  return Object.fromEntries(Object.entries(externals).filter(([request]) => !isOurs(request)))
}

/** Three parameters are the old form; any other gets both, and calls back or returns a promise. */
function fromFunction(external: Item): Item {
  if (external.length === 3) {
    return (context: string, request: string, callback: Callback) =>
      isOurs(request) ? callback() : external(context, request, callback)
  }
  return (data: Data, callback: Callback) => (isOurs(data.request) ? callback() : external(data, callback))
}

function isOurs(request: string | undefined): boolean {
  return request !== undefined && RESOLVED.test(request)
}
