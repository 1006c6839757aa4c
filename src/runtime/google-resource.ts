/** What Google's platforms say of themselves in variables. */
import type { Attributes } from '@opentelemetry/api'
import type { Env } from '../contract.ts'

/** https://opentelemetry.io/docs/specs/semconv/resource/faas/ and …/cloud/ */
export function googleResource(env: Env): Attributes {
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
