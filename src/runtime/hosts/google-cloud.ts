/**
 * Google Cloud Functions, Firebase and Cloud Run: between requests there is next to no CPU, unless the instance is billed
 * by time, which cannot be seen from inside. https://cloud.google.com/run/docs/configuring/billing-settings
 */
import type { Attributes } from '@opentelemetry/api'
import type { Env, Host } from '../../contract.ts'
import { exportByInterval } from '../interval.ts'
import { isNodeResponse } from '../node-http.ts'

declare const process: { readonly env: Env }

export const host: Host = {
  id: 'google-cloud',
  env: () => process.env,
  // The emulator sets these, too.
  deployed: (env) => !env['FUNCTIONS_EMULATOR'] && Boolean(env['K_SERVICE'] ?? env['FUNCTION_NAME']),
  resource,
  // A response and a callback are held themselves, and nobody looks at what is returned beside them.
  awaits: ({ args }) => !isNodeResponse(args[1]) && typeof args.at(-1) !== 'function',
  keepAlive(_call, _done, { mode }) {
    exportByInterval()
    return mode === 'interval' ? 'interval' : 'before'
  },
  // What ends late is sent as it ends; the instance may have the CPU for it.
  extend: () => {},
}

/** https://opentelemetry.io/docs/specs/semconv/resource/faas/ and …/cloud/ */
export function resource(env: Env): Attributes {
  const name = env['K_SERVICE'] ?? env['FUNCTION_NAME']
  if (!name) return {}
  return {
    'service.name': name,
    'cloud.provider': 'gcp',
    'cloud.platform': env['FUNCTION_TARGET'] ? 'gcp_cloud_functions' : 'gcp_cloud_run',
    'cloud.region': env['FUNCTION_REGION'],
    'cloud.account.id': env['GOOGLE_CLOUD_PROJECT'] ?? env['GCLOUD_PROJECT'],
    'faas.name': name,
    'faas.version': env['K_REVISION'] ?? env['X_GOOGLE_FUNCTION_VERSION'],
  }
}
