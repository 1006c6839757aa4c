import { expect, test } from 'vitest'
import { closest, PluginError, positionAt } from '../../src/plugin/errors.ts'

test('an error is the fact, then the remedy on a line of its own', () => {
  const error = new PluginError('the handler is missing', 'Export it.', { file: 'src/app.ts', line: 3, column: 7 })
  expect(String(error)).toBe('UnpluginOtelError: [unplugin-otel] src/app.ts:3:7 the handler is missing\nExport it.')
  expect(new PluginError('a', 'b').message).toBe('[unplugin-otel] a\nb')
})

test.each(['\n', '\r\n'])('positions are 1-based, with %j as line break', (lineBreak) => {
  const code = ['one', '', 'three'].join(lineBreak)
  expect(positionAt(code, 0)).toEqual({ line: 1, column: 1 })
  expect(positionAt(code, 2)).toEqual({ line: 1, column: 3 })
  expect(positionAt(code, code.indexOf('three'))).toEqual({ line: 3, column: 1 })
  expect(positionAt(code, code.length)).toEqual({ line: 3, column: 6 })
})

test.each([
  ['servicename', 'serviceName'],
  ['handler', 'handlers'],
  ['inlcude', 'include'],
  ['protcol', 'protocol'],
  ['sampling', undefined],
  ['apiKey', undefined],
  ['x', undefined],
])('closest to %s: %s', (word, expected) => {
  expect(closest(word, ['serviceName', 'handlers', 'batching', 'include', 'exclude', 'protocol'])).toBe(expected)
  expect(closest(word, [])).toBeUndefined()
})
