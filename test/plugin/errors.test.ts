import { expect, test } from 'vitest'
import { PluginError } from '../../src/plugin/errors.ts'

test('an error is the fact, then the remedy on a line of its own', () => {
  const error = new PluginError('the handler is missing', 'Export it.')
  expect(String(error)).toBe('UnpluginOtelError: [unplugin-otel] the handler is missing\nExport it.')
})
