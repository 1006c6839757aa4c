/** `propagators`: W3C baggage. */
import type { Setup } from '../provider.ts'
import { W3CBaggagePropagator } from '@opentelemetry/core'

export function addBaggage(setup: Setup): Setup {
  return { ...setup, propagators: [...(setup.propagators ?? []), new W3CBaggagePropagator()] }
}
