/** `propagators`: the headers that a trace goes on in, where they are not those of W3C trace context alone. */
import { defaultTextMapGetter, ROOT_CONTEXT, trace, type TextMapPropagator } from '@opentelemetry/api'
import type { Carrier } from '../../contract.ts'
import { aroundKinds } from '../around.ts'
import { w3c } from '../propagation.ts'
import type { Setup } from '../provider.ts'
import { quietly } from '../quietly.ts'

/** Around those that add one each (`propagator-….ts`); without one a trace begins and ends here. */
export function propagate(setup: Setup): Setup {
  const all = setup.propagators ?? []
  const propagator: TextMapPropagator = {
    inject: (...given) => all.forEach((each) => each.inject(...given)),
    // The last one that is there stays.
    extract: (context, ...given) => all.toReversed().reduce((found, each) => each.extract(found, ...given), context),
    fields: () => [...new Set(all.flatMap((each) => each.fields()))],
  }

  /** As what is read of carriers: W3C's. */
  function translated(carrier: Carrier | undefined): Carrier {
    // Of the platform itself, which is in no header.
    if (typeof carrier?.['sampled'] === 'boolean') return carrier
    const own: Record<string, string> = {}
    const context = quietly(() => propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter))
    const span = context && trace.getSpanContext(context)
    if (span) w3c.inject(context, own, { set: (_, name, value) => (own[name] = value) })
    return own
  }

  return {
    ...aroundKinds(setup, (kind) => ({
      ...kind,
      start(call, outer) {
        const start = kind.start(call, outer)
        if (!start) return start
        const { carriers, batch, links } = start
        return {
          ...start,
          ...(carriers && { carriers: carriers.map(translated) }),
          ...(batch && { batch: batch.map(translated) }),
          ...(links && { links: links.map(translated) }),
        }
      },
    })),
    propagator,
  }
}
