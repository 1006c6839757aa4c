/** The plugin for Rollup. */
import { createRollupPlugin, type RollupPlugin } from 'unplugin'
import type { Options } from './options.ts'
import { createRollupHooks } from './rollup-hooks.ts'

/**
 * Put it first in `plugins`: it reads the source as it was written.
 * @throws {PluginError} for options that cannot be meant
 * @example
 * ```js
 * // rollup.config.js
 * import otel from 'unplugin-otel/rollup'
 *
 * export default { input: 'src/handler.js', output: { file: 'dist/index.mjs' }, plugins: [otel()] }
 * ```
 */
export default function otel(options?: Options): RollupPlugin {
  const { shared, native } = createRollupHooks('rollup', options)
  return createRollupPlugin(() => ({ ...shared, rollup: native as object }))(undefined) as RollupPlugin
}

export type { Options } from './options.ts'
export { otel as 'module.exports' }
