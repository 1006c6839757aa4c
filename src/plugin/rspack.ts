/** The plugin for Rspack. */
import { createRspackPlugin } from 'unplugin'
import { hooks } from './index.ts'
import type { Options } from './options.ts'
import { createWebpackPipeline, type Compiler } from './webpack-like.ts'

/**
 * @throws {PluginError} for options that cannot be meant
 * @example
 * ```js
 * // rspack.config.cjs
 * const otel = require('unplugin-otel/rspack')
 *
 * module.exports = { target: 'node', entry: './src/handler.js', output: { library: { type: 'commonjs2' } }, plugins: [otel()] }
 * ```
 */
export default function otel(options?: Options): { apply(compiler: never): void } {
  return {
    apply(compiler) {
      const pipeline = createWebpackPipeline('rspack', compiler as Compiler, options)
      if (!pipeline.options.enabled) return
      const plugin = createRspackPlugin(() => ({
        ...hooks(() => pipeline),
        transformInclude: (id) => pipeline.includes(id),
      }))(undefined)
      plugin.apply(compiler)
    },
  }
}

export type { Options } from './options.ts'
export { otel as 'module.exports' }
