import { expect, test } from 'vitest'
import { pairwise } from '../soak/pairwise.ts'

const axes = { letter: ['a', 'b', 'c', 'd'], digit: [1, 2, 3], sign: ['+', '-'], empty: [undefined] } as const

test('each value meets each other one, in fewer rows than there are', () => {
  const rows = pairwise(axes, 1, () => true)
  const names = Object.keys(axes) as (keyof typeof axes)[]
  for (const first of names)
    for (const second of names)
      for (const value of axes[first])
        for (const other of axes[second])
          if (first !== second) expect(rows.some((row) => row[first] === value && row[second] === other)).toBe(true)
  expect(rows.length).toBeLessThan(4 * 3 * 2)
})

test('what is not possible together is in no row; the same seed gives the same rows', () => {
  const isPossible = ({ letter, digit }: { letter?: string; digit?: number }) => letter !== 'a' || digit !== 2
  const rows = pairwise(axes, 5, isPossible)
  expect(rows.filter((row) => !isPossible(row))).toEqual([])
  expect(rows.some(({ letter, digit }) => letter === 'a' && digit === 3)).toBe(true)
  expect(pairwise(axes, 5, isPossible)).toEqual(rows)
  expect(pairwise(axes, 6, isPossible)).not.toEqual(rows)
})
