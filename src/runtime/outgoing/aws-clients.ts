/**
 * Finds the class that every client of the AWS SDK extends, in each of its copies. Bundled, its module has handed it
 * over (`plugin/aws-sdk.ts`). Otherwise it is CommonJS whoever imports it, because the packages of the clients have no
 * `exports`: then it is in `require.cache`, or a channel tells when it is loaded.
 * https://nodejs.org/api/diagnostics_channel.html#event-module-require-end
 */
import { builtin } from '../builtin.ts'
import { quietly } from '../quietly.ts'

/** As much of it as is used here. */
export interface ClientClass {
  readonly prototype: { send: (...args: unknown[]) => unknown }
}
type Find = (found: ClientClass) => void

const HANDED_OVER = Symbol.for('unplugin-otel.aws-sdk')
const globals = globalThis as { [HANDED_OVER]?: { push(found: ClientClass): void } }

const PACKAGE = /^@(?:smithy|aws-sdk)\/(?:smithy-client$|core\/client$)/
const FILE = /[\\/]@(?:smithy|aws-sdk)[\\/](?:smithy-client|core)[\\/]dist-cjs[\\/]/

interface Loaded {
  readonly id: string
  readonly result?: unknown
}
interface Channels {
  subscribe(name: string, listener: (message: Loaded) => void): void
}

/** @param find may be given the same one again */
export function findClients(find: Find): void {
  const push = (found: unknown) =>
    void quietly(() => typeof found === 'function' && find(found as unknown as ClientClass))
  const handedOver = globals[HANDED_OVER]
  globals[HANDED_OVER] = { push }
  if (Array.isArray(handedOver)) handedOver.forEach(push)
  const cache = builtin<{ _cache?: Record<string, { exports?: unknown }> }>('node:module')?._cache ?? {}
  for (const file of Object.keys(cache)) if (FILE.test(file)) push(clientOf(cache[file]?.exports))
  // In Node 22.4 and newer; where nobody publishes, it costs nothing.
  builtin<Channels>('node:diagnostics_channel')?.subscribe('tracing:module.require:end', ({ id, result }) => {
    if (PACKAGE.test(id)) push(clientOf(result))
  })
}

/** Modules that are in the middle of loading have getters that throw. */
function clientOf(exported: unknown): unknown {
  return quietly(() => (exported as { readonly Client?: unknown } | undefined)?.Client)
}
