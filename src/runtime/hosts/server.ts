/**
 * A server of one's own: nobody freezes it, and it is told to stop. On Cloud Run there is next to no CPU between
 * requests, unless the instance is billed by time, which cannot be seen from inside. Behind Lambda's web adapter it is
 * frozen as a function is.
 * https://cloud.google.com/run/docs/configuring/billing-settings https://github.com/aws/aws-lambda-web-adapter
 */
import type { Env } from '../../contract.ts'
import { batch } from '../batches.ts'
import { exportByInterval } from '../interval.ts'
import type { Setup } from '../provider.ts'
import { serverResource } from '../server-resource.ts'

declare const process: { readonly env: Env }

export const host: Setup['host'] = {
  id: 'server',
  env: () => process.env,
  deployed: (env) => isFrozen(env) || env['NODE_ENV'] === 'production',
  resource: serverResource,
  // Nobody looks at what listeners return.
  awaits: () => false,
  keepAlive(_call, _done, { mode }) {
    exportByInterval()
    const waits = mode === 'auto' ? isFrozen(process.env) : mode === 'await'
    return waits ? 'before' : 'interval'
  },
  holdsLast: true,
  observe: batch,
}

function isFrozen(env: Env): boolean {
  return Boolean(env['K_SERVICE'] ?? env['AWS_LAMBDA_FUNCTION_NAME'])
}
