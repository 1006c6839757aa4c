/** The options that travel into the bundle: resolved here, so that what is not set costs no bytes there. */
import type { Batch, RuntimeOptions } from '../contract.ts'
import type { Options } from './options.ts'

/** See `Options`. */
export type Batching =
  | 'auto'
  | 'invocation'
  | 'immediate'
  | 'interval'
  | { maxExportBatchSize?: number; scheduledDelayMillis?: number; maxQueueSize?: number }

/** Only what was set: what is not there costs no bytes. */
export function resolveRuntime(options: Options): RuntimeOptions {
  const { serviceName, serviceVersion, environment, batching } = options
  const resource = withoutUndefined({
    'service.name': serviceName,
    'service.version': serviceVersion,
    'deployment.environment.name': environment,
  })
  const batch = withoutUndefined(resolveBatch(batching))
  const flushing = withoutUndefined({ ...(batching === 'interval' && { mode: 'interval' as const }), ...options.flush })
  const limits = withoutUndefined(options.limits ?? {})
  return {
    ...(resource && { resource }),
    ...(batch && { batch }),
    ...(flushing && { flush: flushing }),
    ...(limits && { limits }),
  }
}

function resolveBatch(batching: Batching = 'auto'): Partial<Record<keyof Batch, number | undefined>> {
  if (batching === 'immediate') return { maxExportBatchSize: 1, exportAt: 1 }
  if (typeof batching === 'string') return {}
  const { maxExportBatchSize, maxQueueSize, scheduledDelayMillis } = batching
  // A full queue is exported, not cut.
  const exportAt = Math.min(maxExportBatchSize ?? Infinity, maxQueueSize ?? Infinity)
  return {
    maxExportBatchSize,
    maxQueueSize,
    interimMs: scheduledDelayMillis,
    exportAt: exportAt === Infinity ? undefined : exportAt,
  }
}

function withoutUndefined<T extends object>(values: T): { [Key in keyof T]: NonNullable<T[Key]> } | undefined {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return given.length > 0 ? (Object.fromEntries(given) as { [Key in keyof T]: NonNullable<T[Key]> }) : undefined
}
