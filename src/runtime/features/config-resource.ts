/** `resource` of `otel.config.ts`: under the options, over the variables and what the host knows. */
import type { Attributes } from '@opentelemetry/api'
import type { Config } from '../define-config.ts'
import type { Setup } from '../provider.ts'
import { attempt, listOf } from '../user-functions.ts'

/**
 * Code goes over `OTEL_RESOURCE_ATTRIBUTES`:
 * https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable
 */
export function addResource(setup: Setup, config: Config | undefined): Setup {
  const [given] = listOf(config, 'resource')
  let found: Attributes | undefined
  return {
    ...setup,
    options: {
      ...setup.options,
      // Not before the first invocation: what it reads may not be there when the module is loaded.
      get resource() {
        found ??= attempt('resource', () => ({ ...(typeof given === 'function' ? given() : given) })) ?? {}
        return { ...found, ...setup.options.resource }
      },
    },
  }
}
