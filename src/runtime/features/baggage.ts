/** W3C baggage, only for the hosts that `propagateTo.baggage` names. https://www.w3.org/TR/baggage/ */
import { W3CBaggagePropagator } from '@opentelemetry/core'
import { baggage } from '../outgoing/client-span.ts'
import type { Setup } from '../provider.ts'

/** @param hosts the source of a regular expression */
export function propagateBaggage(setup: Setup, hosts: string): Setup {
  const pattern = new RegExp(hosts, 'i')
  const propagator = new W3CBaggagePropagator()
  baggage.inject = (context, outgoing) => {
    if (!pattern.test(outgoing.url.hostname) || outgoing.get('baggage')) return
    propagator.inject(context, outgoing, { set: (_, name, value) => outgoing.set(name, value) })
  }
  return setup
}
