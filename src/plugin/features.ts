/** Which modules of `runtime/features/` the options ask for. What is not asked for costs no bytes. */
import type { FeatureFacts } from './emit.ts'
import type { ResolvedOptions } from './options.ts'
import { toPattern } from './path-pattern.ts'

/** In the order in which they change the setup: a later one is around the earlier ones. */
export function findFeatures(options: ResolvedOptions): FeatureFacts[] {
  const { debug, ignore, responseHeader, captureHeaders, trustIncoming } = options
  const features: FeatureFacts[] = []
  const add = (file: string, name: string, argument?: unknown) => features.push({ file, name, argument })
  if (debug) add('flush-telemetry', 'observeFlushes')
  if (responseHeader) add('response-header', 'addResponseHeader', responseHeader)
  const { request, response } = captureHeaders
  if (request.length + response.length > 0) {
    add('captured-headers', 'captureHeaders', {
      ...(request.length > 0 && { request }),
      ...(response.length > 0 && { response }),
    })
  }
  if (!trustIncoming) add('incoming-links', 'linkIncoming')
  if (ignore.length > 0) add('ignored', 'ignoreRequests', ignore.map(toPattern).join('|'))
  return features
}
