/**
 * A server of one's own: nobody freezes it, and it is told to stop. On Cloud Run there is next to no CPU between
 * requests, unless the instance is billed by time, which cannot be seen from inside.
 * https://cloud.google.com/run/docs/configuring/billing-settings
 */
import type { Env } from '../../contract.ts'
import { batch } from '../batches.ts'
import { exportByInterval } from '../interval.ts'
import type { Setup } from '../provider.ts'
import { resource } from './google-cloud.ts'

declare const process: { readonly env: Env }

export const host: Setup['host'] = {
  id: 'server',
  env: () => process.env,
  deployed: (env) => Boolean(env['K_SERVICE']) || env['NODE_ENV'] === 'production',
  resource,
  // Nobody looks at what listeners return.
  awaits: () => false,
  keepAlive(_call, _done, { mode }) {
    exportByInterval()
    const waits = mode === 'auto' ? process.env['K_SERVICE'] : mode === 'await'
    return waits ? 'before' : 'interval'
  },
  observe: batch,
}
