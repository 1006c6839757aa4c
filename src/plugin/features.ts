/** Which modules of `runtime/features/` the options ask for. What is not asked for costs no bytes. */
import type { FeatureFacts } from './emit.ts'
import type { ResolvedOptions } from './options.ts'

/** In the order in which they change the setup: a later one is around the earlier ones. */
export function findFeatures({ debug }: ResolvedOptions): FeatureFacts[] {
  const features: FeatureFacts[] = []
  if (debug) features.push({ file: 'flush-telemetry', name: 'observeFlushes' })
  return features
}
