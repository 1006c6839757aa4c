/** Which spans are recorded. */
import { TraceFlags, isSpanContextValid, trace } from '@opentelemetry/api'
import { SamplingDecision, type Sampler } from '@opentelemetry/sdk-trace'

/** As the parent is, and everything without one: the SDK's default, which has a sampler for each of five cases. */
export const parentBased: Sampler = {
  shouldSample(context) {
    const parent = trace.getSpanContext(context)
    const isDropped = parent && isSpanContextValid(parent) && !(parent.traceFlags & TraceFlags.SAMPLED)
    return { decision: isDropped ? SamplingDecision.NOT_RECORD : SamplingDecision.RECORD_AND_SAMPLED }
  },
}
