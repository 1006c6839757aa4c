/** `carrier` of `otel.config.ts`: where the sender's trace stands in an event that is not understood. */
import type { Carrier } from '../../contract.ts'
import { aroundKinds } from '../around.ts'
import type { Config } from '../define-config.ts'
import type { Setup } from '../provider.ts'
import { attempt, listOf } from '../user-functions.ts'

export function findCarriers(setup: Setup, config: Config | undefined): Setup {
  const [carrier] = listOf(config, 'carrier')
  if (!carrier) return setup
  return aroundKinds(setup, (kind) => ({
    ...kind,
    start(call, outer) {
      const start = kind.start(call, outer)
      const given = start && attempt('carrier', () => toCarrier(carrier(call.args[0])))
      return given ? { ...start, carriers: [given, ...(start.carriers ?? [])] } : start
    },
  }))
}

function toCarrier(given: object | null | undefined): Carrier | undefined {
  if (!given) return undefined
  const entries: Iterable<[string, unknown]> = given instanceof Headers ? given : Object.entries(given)
  return Object.fromEntries(Array.from(entries, ([name, value]) => [name.toLowerCase(), value]))
}
