/** Traces that begin here and link to their caller's: `trustIncoming: false`. */
import type { Carrier } from '../../contract.ts'
import { aroundKinds } from '../around.ts'
import { remoteParent } from '../propagation.ts'
import type { Setup } from '../provider.ts'

export function linkIncoming(setup: Setup): Setup {
  return aroundKinds(setup, (kind) => ({
    ...kind,
    start(call, outer) {
      const start = kind.start(call, outer)
      // What is called by another handler of this process is a child of it.
      if (!start || outer) return start
      const { carriers = [], batch = [], links = [], ...rest } = start
      // What would have been the parent: of an event's the first that is one, of messages each once.
      const caller = carriers.find(remoteParent)
      const senders = new Map<string | undefined, Carrier>()
      for (const carrier of batch) senders.set(remoteParent(carrier)?.spanId, carrier)
      return { ...rest, links: [...(caller ? [caller] : []), ...senders.values(), ...links] }
    },
  }))
}
