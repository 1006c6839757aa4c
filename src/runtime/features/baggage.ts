/**
 * W3C baggage, only for the hosts that `propagateTo.baggage` names: what the context has, and who its spans are for.
 * https://www.w3.org/TR/baggage/
 */
import { propagation, type Attributes, type Context } from '@opentelemetry/api'
import { W3CBaggagePropagator } from '@opentelemetry/core'
import { invocationIn } from '../invocation.ts'
import { userAttributesIn } from '../manual/user-context.ts'
import { baggage } from '../outgoing/client-span.ts'
import type { Setup } from '../provider.ts'

/** @param hosts the source of a regular expression */
export function propagateBaggage(setup: Setup, hosts: string): Setup {
  const pattern = new RegExp(hosts, 'i')
  const propagator = new W3CBaggagePropagator()
  baggage.inject = (context, outgoing) => {
    if (!pattern.test(outgoing.url.hostname) || outgoing.get('baggage')) return
    propagator.inject(withUser(context), outgoing, { set: (_, name, value) => outgoing.set(name, value) })
  }
  return setup
}

/** Identifiers, by the names of their attributes. What is in the baggage by hand stays. */
function withUser(context: Context): Context {
  const user: Attributes = { ...invocationIn(context)?.user, ...userAttributesIn(context) }
  let carried = propagation.getBaggage(context) ?? propagation.createBaggage()
  for (const key in user) {
    const isIdentifier = /^(?:user|session|gen_ai\.conversation)\.id$|^group\./.test(key)
    if (isIdentifier && !carried.getEntry(key)) carried = carried.setEntry(key, { value: String(user[key]) })
  }
  return propagation.setBaggage(context, carried)
}
