/** The provider that spans of the user's copy of the OpenTelemetry API are made by. */
import { ProxyTracerProvider, trace, type TracerProvider } from '@opentelemetry/api'
import type { Foreign } from '../provider.ts'

/** What stands there while nothing is registered. */
const nothing = /* @__PURE__ */ (() => new ProxyTracerProvider().getDelegate())()

/** Undefined: none, so no span is recorded. Ours, once it is there. */
export function registeredProvider(): (TracerProvider & Foreign) | undefined {
  const global = trace.getTracerProvider() as TracerProvider & Partial<ProxyTracerProvider>
  const registered = global.getDelegate?.() ?? global
  return registered === nothing ? undefined : registered
}
