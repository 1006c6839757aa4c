/**
 * Attribute names, copied from the OpenTelemetry semantic conventions 1.45.0. Importing the package
 * would pin whatever value the user's copy gives a name: 1.45 renamed constants in place.
 * https://opentelemetry.io/docs/specs/semconv/
 */
export const SERVICE_NAME = 'service.name'
export const TELEMETRY_SDK_LANGUAGE = 'telemetry.sdk.language'
export const TELEMETRY_SDK_NAME = 'telemetry.sdk.name'
export const TELEMETRY_SDK_VERSION = 'telemetry.sdk.version'
export const TELEMETRY_DISTRO_NAME = 'telemetry.distro.name'
export const TELEMETRY_DISTRO_VERSION = 'telemetry.distro.version'
export const CODE_FILE_PATH = 'code.file.path'
export const CODE_FUNCTION_NAME = 'code.function.name'
export const CODE_LINE_NUMBER = 'code.line.number'
export const ERROR_TYPE = 'error.type'
export const FAAS_COLDSTART = 'faas.coldstart'
export const HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code'
