/** Which modules of `runtime/features/` call the functions of `otel.config.ts`. */
import type { ConfigFile } from './config-file.ts'
import { configKeys, type ConfigKey } from './config-keys.ts'
import type { FeatureFacts } from './features.ts'

/** In the order in which they change the setup. */
export function findConfigFeatures({ keys = configKeys }: ConfigFile, platform: string): FeatureFacts[] {
  const features: FeatureFacts[] = []
  const add = (file: string, name: string, names: readonly ConfigKey[], argument?: unknown) => {
    if (!names.some((key) => keys.includes(key))) return
    features.push({ file, name, config: true, ...(argument !== undefined && { argument }) })
  }
  add('headers', 'addHeaders', ['headers'])
  add('hooks', 'callHooks', ['onStart', 'onEnd'], platform)
  return features
}
