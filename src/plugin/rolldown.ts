/** The plugin for Rolldown. */
import { createRolldownPlugin, type RolldownPlugin } from 'unplugin'
import type { Options } from './options.ts'
import { createRollupHooks } from './rollup-hooks.ts'

/**
 * Put it first in `plugins`: it reads the source as it was written.
 * @throws {PluginError} for options that cannot be meant
 * @example
 * ```js
 * // rolldown.config.js
 * import otel from 'unplugin-otel/rolldown'
 *
 * export default { input: 'src/handler.js', output: { file: 'dist/index.mjs' }, plugins: [otel()] }
 * ```
 */
export default function otel(options?: Options): RolldownPlugin {
  const { shared, native } = createRollupHooks('rolldown', options)
  return createRolldownPlugin(() => ({ ...shared, rolldown: native as object }))(undefined) as RolldownPlugin
}

export type { Options } from './options.ts'
export { otel as 'module.exports' }
