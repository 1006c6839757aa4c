/** `sampler` of `otel.config.ts`: any of OpenTelemetry's. */
import type { Attributes, Span, TraceState } from '@opentelemetry/api'
import { TraceFlags } from '@opentelemetry/api'
import { SamplingDecision, type ReadableSpan, type Sampler } from '@opentelemetry/sdk-trace'
import { aroundProcessor } from '../around-processor.ts'
import type { Config } from '../define-config.ts'
import type { Setup } from '../provider.ts'
import { attempt, listOf } from '../user-functions.ts'

export function useSampler(setup: Setup, config: Config | undefined): Setup {
  const [given] = listOf(config, 'sampler') as unknown as readonly Sampler[]
  if (!given) return setup
  /** Of the span that is being made: nothing runs in between. */
  let result: { readonly attributes?: Attributes; readonly traceState?: TraceState } | undefined
  const sampler: Sampler = {
    shouldSample(...asked) {
      const found = attempt('sampler', () => given.shouldSample(...asked))
      result = found
      return found ?? { decision: SamplingDecision.RECORD_AND_SAMPLED }
    },
  }
  const around = aroundProcessor(setup, (ours) => ({
    onStart(span, context) {
      const { attributes, traceState } = result ?? {}
      result = undefined
      if (attributes) (span as unknown as Span).setAttributes(attributes)
      if (traceState) Object.assign(span.spanContext(), { traceState })
      ours.onStart(span, context)
    },
  }))
  return {
    ...around,
    sampler: () => sampler,
    observe(exporter) {
      setup.observe?.(exporter)
      const { send, flush } = exporter
      exporter.send = (spans, ...rest) => send(spans.filter(isSampled), ...rest)
      exporter.flush = (spans, ...rest) => flush(spans.filter(isSampled), ...rest)
    },
  }
}

/** One that is only recorded is for processors. */
function isSampled(span: ReadableSpan): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0
}
