/** Row × platform: nothing is lost, nothing comes twice, and the caller gets what it gets without the plugin. */
import { describe, expect, test } from 'vitest'
import { scenarios } from './harness/scenarios.ts'
import { columns } from './scenarios/columns/index.ts'
import { runCell } from './scenarios/run.ts'

test('each row has a name of its own', () => {
  const names = scenarios.map(({ name }) => name)
  expect(names).toEqual([...new Set(names)])
})

describe.each(columns)('$id', (column) => {
  for (const scenario of scenarios) {
    const { pitfall, name } = scenario
    const cell = scenario.on[column.id]
    // The reason is in the table.
    if (typeof cell === 'string') continue
    const formats = column.id.startsWith('lambda') ? (cell.formats ?? ['esm', 'cjs']) : ['esm']
    for (const format of formats as ('esm' | 'cjs')[]) {
      test(`${pitfall}. ${name}${format === 'cjs' ? ', CommonJS' : ''}`, async () => {
        await runCell(scenario, column, cell, format)
      })
    }
  }
})
