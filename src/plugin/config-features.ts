/** Which modules of `runtime/features/` call the functions of `otel.config.ts`. */
import type { ConfigFile } from './config-file.ts'
import { configKeys, type ConfigKey } from './config-keys.ts'
import type { FeatureFacts } from './features.ts'

/** What only our own provider can do. */
const OF_PROVIDER: readonly ConfigKey[] = [
  'spanProcessors',
  'exporters',
  'resource',
  'sampler',
  'decide',
  'headers',
  'redact',
  'beforeSend',
]

/** In the order in which they change the setup: what is redacted is redacted for all exporters. */
export function findConfigFeatures({ keys = configKeys }: ConfigFile, platform: string): FeatureFacts[] {
  const features: FeatureFacts[] = []
  const add = (file: string, name: string, names: readonly ConfigKey[], argument?: unknown) => {
    if (!names.some((key) => keys.includes(key))) return
    features.push({ file, name, config: true, ...(argument !== undefined && { argument }) })
  }
  add('config-resource', 'addResource', ['resource'])
  add('headers', 'addHeaders', ['headers'])
  add('exporters', 'addExporters', ['exporters'])
  add('before-send', 'changeSent', ['redact', 'beforeSend'])
  add('config-sampler', 'useSampler', ['sampler'])
  add('decide', 'useDecision', ['decide'])
  add('span-processors', 'addSpanProcessors', ['spanProcessors'])
  add('carrier', 'findCarriers', ['carrier'])
  add('user-context', 'addUserContext', ['context'], platform)
  add('hooks', 'callHooks', ['onStart', 'onEnd'], platform)
  add('instrumentations', 'enableInstrumentations', ['instrumentations'])
  const ofProvider = OF_PROVIDER.filter((key) => keys.includes(key))
  add('foreign-notice', 'sayForeign', OF_PROVIDER, ofProvider)
  add('ignore-function', 'ignoreInvocations', ['ignore'])
  return features
}
