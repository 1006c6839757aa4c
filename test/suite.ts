/** The behaviour that every platform passes. It knows no platform: `drivers/` do. */
import { describe, test } from 'vitest'
import { backgroundWork, clientCancels, twice } from './suite/answers.ts'
import { deadCollector, hangingCollector, slowCollector } from './suite/collectors.ts'
import type { Behaviour, Driver } from './suite/driver.ts'
import { coldStart, concurrent, eviction, freeze, incomingParent, malformedParent } from './suite/traces.ts'

const behaviours: Record<Behaviour, (driver: Driver) => Promise<void>> = {
  ok: (driver) => twice(driver, 'ok'),
  throw: (driver) => twice(driver, 'throw'),
  reject: (driver) => twice(driver, 'reject'),
  '4xx': (driver) => twice(driver, 'missing'),
  '5xx': (driver) => twice(driver, 'unavailable'),
  stream: (driver) => twice(driver, 'stream'),
  'stream-error': (driver) => twice(driver, 'stream-error'),
  'stream-cancel': clientCancels,
  background: backgroundWork,
  'slow-collector': slowCollector,
  'dead-collector': deadCollector,
  'hanging-collector': hangingCollector,
  parent: incomingParent,
  'malformed-parent': malformedParent,
  concurrent,
  'cold-start': coldStart,
  freeze,
  eviction,
}

export function describePlatform(driver: Driver): void {
  describe(driver.id, () => {
    for (const [name, run] of Object.entries(behaviours)) {
      const reason = driver.lacks[name as Behaviour]
      test(name, async ({ skip }) => {
        if (reason) skip(reason)
        await run(driver)
      })
    }
  })
}
