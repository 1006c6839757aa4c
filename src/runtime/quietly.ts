/** Telemetry that fails is never the user's problem. */
import { diag } from '@opentelemetry/api'
import { slot } from './slot.ts'

/** Runs telemetry code; what it throws goes to OpenTelemetry's diagnostics and nowhere else. */
export function quietly<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    return complain(error)
  }
}

export function complain(error: unknown): undefined {
  try {
    diag.error('[unplugin-otel]', error)
  } catch {
    // The user's logger.
  }
}

/**
 * Says `message` once per cause and process. Never on stdout: some hosts speak a protocol there.
 * @param code explained in `docs/errors.md`
 * @param cause where a code has several
 */
export function warnOnce(code: `UO2${number}`, message: string, cause: string = code): void {
  if (slot.warned.has(cause)) return
  slot.warned.add(cause)
  quietly(() => console.warn(`[unplugin-otel] ${message}\n${code} unpkg.com/unplugin-otel/docs/errors.md`))
}
