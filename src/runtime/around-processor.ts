/** Features that see spans as they start and end, each around the processor before. */
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Setup } from './provider.ts'

/** @param replace what it gives stands in the place of those members of `ours` */
export function aroundProcessor(setup: Setup, replace: (ours: SpanProcessor) => Partial<SpanProcessor>): Setup {
  const { host } = setup
  return {
    ...setup,
    host: {
      ...host,
      observe(processor, limit) {
        const ours = host.observe?.(processor, limit) ?? processor
        return { ...ours, ...replace(ours) }
      },
    },
  }
}
