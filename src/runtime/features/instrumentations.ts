/** `instrumentations` of `otel.config.ts`: they get the provider with the first invocation. */
import { trace } from '@opentelemetry/api'
import { aroundKinds } from '../around.ts'
import type { Config } from '../define-config.ts'
import type { Setup } from '../provider.ts'
import { attempt, listOf } from '../user-functions.ts'

const KEY = 'instrumentations'
/** Several wrapped modules have the same ones. */
const enabled = new WeakSet<object>()

export function enableInstrumentations(setup: Setup, config: Config | undefined): Setup {
  const instrumentations = [...listOf(config, KEY)]
  return aroundKinds(setup, (kind) => ({
    ...kind,
    enter(call, invocation) {
      for (const each of instrumentations.splice(0)) {
        if (enabled.has(each)) continue
        enabled.add(each)
        attempt(KEY, () => {
          each.setTracerProvider(trace.getTracerProvider())
          each.enable()
        })
      }
      return kind.enter?.(call, invocation) ?? call.args
    },
  }))
}
