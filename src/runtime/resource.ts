/** Who made the spans. The SDK's own class waits for attributes that are promises; all of ours are known. */
import type { Attributes } from '@opentelemetry/api'
import { SDK_INFO, cleanSimpleAttributes } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import {
  SERVICE_NAME,
  TELEMETRY_DISTRO_NAME,
  TELEMETRY_DISTRO_VERSION,
  TELEMETRY_SDK_LANGUAGE,
  TELEMETRY_SDK_NAME,
  TELEMETRY_SDK_VERSION,
} from './semconv.ts'
import { VERSION } from './version.ts'

/** @param attributes go over what every resource says; what is undefined or invalid is left out */
export function createResource(language: string, attributes: Attributes): Resource {
  return toResource({
    [SERVICE_NAME]: 'unknown_service',
    [TELEMETRY_SDK_LANGUAGE]: language,
    [TELEMETRY_SDK_NAME]: 'opentelemetry',
    [TELEMETRY_SDK_VERSION]: SDK_INFO['telemetry.sdk.version'],
    [TELEMETRY_DISTRO_NAME]: 'unplugin-otel',
    [TELEMETRY_DISTRO_VERSION]: VERSION,
    ...cleanSimpleAttributes(attributes, {} as never).attributes,
  })
}

function toResource(attributes: Attributes): Resource {
  return {
    attributes,
    merge: (other) => toResource({ ...attributes, ...other?.attributes }),
    getRawAttributes: () => Object.entries(attributes),
  }
}
