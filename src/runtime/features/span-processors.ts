/** `spanProcessors` of `otel.config.ts`: they get the same spans as ours, and are flushed with them. */
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import { aroundProcessor } from '../around-processor.ts'
import type { Config } from '../define-config.ts'
import type { Setup } from '../provider.ts'
import { attempt, createWait, listOf, untraced } from '../user-functions.ts'
import { besideOurs } from '../without-endpoint.ts'

const KEY = 'spanProcessors'

export function addSpanProcessors(given: Setup, config: Config | undefined): Setup {
  const processors = listOf(config, KEY) as unknown as readonly Partial<SpanProcessor>[]
  if (processors.length === 0) return given
  // One that hangs takes no other's time away.
  const waits = processors.map(() => createWait(KEY))
  const setup = besideOurs(given, (exporter) => {
    const { flush } = exporter
    exporter.flush = async (spans, inFlight, budgetMs, referenced) => {
      const flushing = processors.map((each, n) => {
        const work = attempt(KEY, () => untraced(() => each.forceFlush?.()))
        return waits[n]!(work, budgetMs, referenced)
      })
      await Promise.all([flush(spans, inFlight, budgetMs, referenced), ...flushing])
    }
  })
  const tell = (run: (processor: Partial<SpanProcessor>) => void) => {
    for (const each of processors) attempt(KEY, () => run(each))
  }
  return aroundProcessor(setup, (ours) => ({
    onStart(span, context) {
      ours.onStart(span, context)
      tell((each) => each.onStart?.(span, context))
    },
    onEnding(span) {
      tell((each) => each.onEnding?.(span))
      ours.onEnding?.(span)
    },
    onEnd(span) {
      tell((each) => each.onEnd?.(span))
      ours.onEnd(span)
    },
  }))
}
