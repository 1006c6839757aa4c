/** Fault × platform: the caller gets what it gets without the plugin, attempts are few, and every span is accounted for. */
import { afterAll, describe, expect, test } from 'vitest'
import type { Options } from 'unplugin-otel/esbuild'
import { platforms, type Platform } from './faults/platforms.ts'
import { runCell, runControl } from './faults/run.ts'
import { faultRows } from './harness/fault-rows.ts'
import type { Answer } from './scenarios/scenario.ts'

const removals: (() => void)[] = []
afterAll(() => {
  for (const remove of removals) remove()
})

const builds = new Map<string, Promise<string>>()
const controls = new Map<string, Promise<readonly Answer[]>>()

test('each row has a name of its own', () => {
  const names = faultRows.map(({ name }) => name)
  expect(names).toEqual([...new Set(names)])
})

describe.each(platforms)('$id', (platform) => {
  for (const row of faultRows) {
    const expected = row.on?.[platform.id] ?? row
    test(row.name, async () => {
      const control = await once(controls, platform.id, async () => runControl(platform, await build(platform, false)))
      await runCell(row, expected, platform, await build(platform, { ...platform.otel, ...row.otel }), control)
    })
  }
})

/** Once for all rows with the same options. */
function build({ column, source, prelude }: Platform, otel: Options | false): Promise<string> {
  const cleanUp = (remove: () => void) => void removals.push(remove)
  const key = JSON.stringify([column.id, source, otel])
  return once(builds, key, () => column.build({ source, format: 'esm', otel, cleanUp, ...(prelude && { prelude }) }))
}

function once<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const value = made.get(key) ?? make()
  made.set(key, value)
  return value
}
