/**
 * Google Cloud Functions, Firebase and Cloud Run: between requests there is next to no CPU, unless the instance is billed
 * by time, which cannot be seen from inside. https://cloud.google.com/run/docs/configuring/billing-settings
 */
import type { Env, Host } from '../../contract.ts'
import { googleResource } from '../google-resource.ts'
import { exportByInterval } from '../interval.ts'
import { isNodeResponse } from '../node-http.ts'

declare const process: { readonly env: Env }

export const host: Host = {
  id: 'google-cloud',
  env: () => process.env,
  // The emulator sets these, too.
  deployed: (env) => !env['FUNCTIONS_EMULATOR'] && Boolean(env['K_SERVICE'] ?? env['FUNCTION_NAME']),
  resource: googleResource,
  // A response and a callback are held themselves, and nobody looks at what is returned beside them.
  awaits: ({ args }) => !isNodeResponse(args[1]) && typeof args.at(-1) !== 'function',
  keepAlive(_call, _done, { mode }) {
    exportByInterval()
    return mode === 'interval' ? 'interval' : 'before'
  },
  // What ends late is sent as it ends; the instance may have the CPU for it.
  extend: () => {},
}
