import { expect, test } from 'vitest'
import { createLocator } from '../../src/plugin/position.ts'
import { transform } from '../../src/plugin/transform.ts'
import { createFacts } from './facts.ts'

test.each(['\n', '\r\n'])('lines and columns are 1-based, with %j as line break', (lineBreak) => {
  const code = ['one', '', 'three'].join(lineBreak)
  const offsets = [0, 2, code.indexOf('three'), code.length]
  expect(offsets.map(createLocator(code)).map(({ line, column }) => `${line}:${column}`)).toEqual([
    '1:1',
    '1:3',
    '3:1',
    '3:6',
  ])
})

test('of what is wrapped, what is left, and what cannot be parsed', () => {
  // Two code units, four bytes.
  const code = "const greeting = '😀'; export const handler = async () => 1, other = () => 2\nexport * from './a'\n"
  expect(transform(code, createFacts('app.ts'))).toMatchObject({
    wrapped: [{ name: 'handler', line: 1, column: code.indexOf('handler') + 1 }],
    nearMisses: [{ name: 'other', line: 1, column: code.indexOf('other') + 1 }],
  })
  const broken = "const greeting = '😀'\nexport const é = '😀', handler = async ( => 1\n"
  expect(transform(broken, createFacts('app.ts')).nearMisses).toMatchObject([
    { line: 2, column: broken.split('\n')[1]!.indexOf('=> 1') + 1, why: 'not parsed: Unexpected token' },
  ])
})
