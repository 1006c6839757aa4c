import { context, trace, TraceFlags } from '@opentelemetry/api'
import { isTracingSuppressed } from '@opentelemetry/core'
import { quietly } from '../quietly.ts'
import { registeredProvider } from './registered.ts'

/**
 * Whether a span that is created now is recorded, by us or by a provider of your own: to leave out what only makes
 * attributes. False before the first invocation of a process, in browsers, in tests without a provider, with the plugin
 * off, with `OTEL_SDK_DISABLED=true`, without an endpoint, and inside of a trace that its caller does not sample.
 * Never throws.
 */
export function isEnabled(): boolean {
  return quietly(isRecorded) ?? false
}

function isRecorded(): boolean {
  if (!registeredProvider() || isTracingSuppressed(context.active())) return false
  const parent = trace.getActiveSpan()
  return !parent || parent.isRecording() || Boolean(parent.spanContext().traceFlags & TraceFlags.SAMPLED)
}
