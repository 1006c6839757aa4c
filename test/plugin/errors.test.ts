import { expect, test } from 'vitest'
import { closest, PluginError } from '../../src/plugin/errors.ts'

test('an error is the fact, then the remedy on a line of its own', () => {
  const error = new PluginError('the handler is missing', 'Export it.')
  expect(String(error)).toBe('UnpluginOtelError: [unplugin-otel] the handler is missing\nExport it.')
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
