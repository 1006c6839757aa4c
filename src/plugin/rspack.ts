/** The plugin for Rspack. */
import { createRspackPlugin } from 'unplugin'
import type { Options } from './options.ts'
import { createCompilerPlugin, type CompilerPlugin } from './webpack-like.ts'

/**
 * Put it into `plugins`.
 * @throws {PluginError} for options that cannot be meant
 * @example
 * ```js
 * // rspack.config.cjs
 * const otel = require('unplugin-otel/rspack')
 *
 * module.exports = { target: 'node', entry: './src/handler.js', output: { library: { type: 'commonjs2' } }, plugins: [otel()] }
 * ```
 */
export default function otel(options?: Options): CompilerPlugin {
  return createCompilerPlugin('rspack', createRspackPlugin, options)
}

export type { Options } from './options.ts'
export { otel as 'module.exports' }
