/** Every shape has fixtures, and what the build makes of them is what the shape asks for. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { rows } from '../rows.ts'

const root = fileURLToPath(new URL('../fixtures/', import.meta.url))
const isUntouched = (fixture: string) =>
  readFileSync(`${root}${fixture.replace(/\.\w+$/, '')}.out.txt`, 'utf8').endsWith('\nunchanged\n')

test('64 shapes, each with a fixture', () => {
  expect(Object.keys(rows).map(Number)).toEqual(Array.from({ length: 64 }, (_, index) => index + 1))
  const empty = Object.entries(rows).filter(
    ([, { wrapped = [], untouched = [] }]) => wrapped.length + untouched.length === 0,
  )
  expect(empty).toEqual([])
})

const cases = Object.entries(rows).flatMap(([number, { shape, wrapped = [], untouched = [] }]) => [
  ...wrapped.map((fixture) => ({ number, shape, fixture, expected: 'wrapped' })),
  ...untouched.map((fixture) => ({ number, shape, fixture, expected: 'untouched' })),
])

test.each(cases)('$number $shape: $fixture is $expected', ({ fixture, expected }) => {
  expect(existsSync(root + fixture)).toBe(true)
  expect(isUntouched(fixture) ? 'untouched' : 'wrapped').toBe(expected)
})
