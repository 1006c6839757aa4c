/** Flushes that stay, and are named. */
import { expect, test } from 'vitest'
import { HEAD, migrate } from './migrate-one.ts'

test.each([
  ['its value', 'return await provider.forceFlush()', 'its value is used. Remove it by hand.'],
  ['one of several', 'await Promise.all([provider.forceFlush(), work()])', 'its value is used. Remove it by hand.'],
  ['what follows it', 'provider.forceFlush().then(work)', 'its value is used. Remove it by hand.'],
  ['all of a function', 'await provider.forceFlush()', 'nothing would be left of its function. Remove it by hand.'],
  [
    'all of a loop',
    'while (more()) await provider.forceFlush()\n  work()',
    'it is all that the loop does. Remove it by hand.',
  ],
  [
    'a branch',
    'if (more()) work()\n  else await provider.forceFlush()',
    'an else or a condition hangs on it. Remove it by hand.',
  ],
  [
    'a condition that does something',
    'if (await isLast()) {\n    await provider.forceFlush()\n  }',
    'nothing would be left of what its condition leads to. Remove it by hand.',
  ],
  [
    'a name that would be another one',
    'const it = 1\n  try {\n    const it = 2\n    work(it)\n  } finally {\n    await provider.forceFlush()\n  }\n  return it',
    "without its try, 'it' would be another variable. Remove it by hand.",
  ],
])('left and named: %s', (_, body, why) => {
  const code = `${HEAD}export async function handler() {\n  ${body}\n}\n`
  const migrated = migrate(code)!
  expect(migrated.code).toBe(code)
  expect(migrated.removed).toEqual([])
  expect(migrated.left.map(({ why }) => why)).toEqual([why])
})

test('arguments that do something', () => {
  const body = (argument: string) =>
    `${HEAD}export async function handler() {\n  await provider.forceFlush(${argument})\n  return 1\n}\n`
  expect(migrate(body('{ timeoutMillis: 500 }'))!.left).toEqual([])
  expect(migrate(body('work()'))!.left).toMatchObject([{ why: 'its arguments do something. Remove it by hand.' }])
})

test('what cannot be taken out leaves the rest as it would be without it', () => {
  const code = `${HEAD}export async function handler() {
  work()
  await provider.forceFlush()
  return provider.forceFlush()
}
`
  const migrated = migrate(code)!
  expect(migrated.code).toBe(code.replace('  await provider.forceFlush()\n', ''))
  expect(migrated.left).toMatchObject([{ line: 7, column: 10, why: 'its value is used. Remove it by hand.' }])
})
