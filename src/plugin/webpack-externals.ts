/** What the user keeps outside of webpack's bundle, but for us: nothing of ours needs to be in `node_modules` at run time. */
import type { Redirects } from './installers.ts'

interface Data {
  readonly request?: string
  readonly contextInfo?: { readonly issuer?: string }
}
type Callback = (error?: Error | null, result?: unknown) => void
type IsOurs = Redirects<unknown>['isOurs']
// oxlint-disable-next-line typescript/no-explicit-any
type Item = any

/** Every form of https://webpack.js.org/configuration/externals/ stays what it is, but says no to our requests. */
export function externalsWithoutOurs(externals: unknown, isOurs: IsOurs): Item {
  const asks = ({ request = '', contextInfo }: Data) => isOurs(request, contextInfo?.issuer)
  const matched = (test: (request: string) => unknown) => (data: Data, callback: Callback) =>
    callback(null, asks(data) ? undefined : test(data.request ?? ''))
  if (Array.isArray(externals)) return externals.flatMap((item) => externalsWithoutOurs(item, isOurs))
  if (typeof externals === 'function') return fromFunction(externals, asks)
  if (externals instanceof RegExp) return matched((request) => externals.test(request))
  if (typeof externals === 'string') return matched((request) => request === externals)
  if (typeof externals !== 'object' || externals === null) return externals
  // By their requests alone: what imports them is not known in this form.
  const [ours, others] = [true, false].map((isOne) =>
    Object.fromEntries(Object.entries(externals).filter(([request]) => isOurs(request, undefined) === isOne)),
  )
  return [others, matched((request) => (Object.hasOwn(ours!, request) ? ours![request] : undefined))]
}

/** Three parameters are the old form; any other gets both, and calls back or returns a promise. */
function fromFunction(external: Item, asks: (data: Data) => boolean): Item {
  if (external.length === 3) {
    return (data: Data & { readonly context: string }, callback: Callback) =>
      asks(data) ? callback() : external(data.context, data.request, callback)
  }
  return (data: Data, callback: Callback) => (asks(data) ? callback() : external(data, callback))
}
