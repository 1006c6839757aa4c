/** An environment of Vite → the facts of the pipeline. */
import { normalize } from 'pathe'
import type { Environment } from 'vite'
import { toAbsolute } from './build.ts'
import type { BundlerFacts } from './project.ts'
import { allowsTopLevelAwait } from './top-level-await.ts'

export function readFacts({ config }: Environment): BundlerFacts {
  const { build, resolve, root, plugins } = config
  const output = [bundlerOptions(build).output].flat()[0]
  const format = output?.format ?? (build.lib && build.lib.formats?.[0]) ?? 'es'
  const names = plugins.map(({ name }) => name)
  const byCloudflare = names.some((name) => name.startsWith('vite-plugin-cloudflare'))
  return {
    name: 'vite',
    root: normalize(root),
    platform: 'node',
    format: format === 'cjs' || format === 'commonjs' ? 'cjs' : format === 'iife' ? 'iife' : 'esm',
    appends: true,
    topLevelAwait: allowsTopLevelAwait([build.target || []].flat()),
    conditions: resolve.conditions.filter((condition) => condition !== 'browser'),
    entries: [],
    plugins: names,
    ...(byCloudflare && { builtins: resolve.builtins.filter((name) => typeof name === 'string') }),
    files: {},
  }
}

/** Vite 8 has Rolldown's; 6 and 7 have Rollup's. */
function bundlerOptions({ rolldownOptions, rollupOptions }: Environment['config']['build']): typeof rolldownOptions {
  return rolldownOptions ?? rollupOptions ?? {}
}

/** As configured; in a build, `buildStart` has them resolved. */
export function readEntries({ config }: Environment): string[] {
  const { build, root } = config
  const { input = [] } = bundlerOptions(build)
  const named = [typeof input === 'string' ? input : Object.values(input), build.ssr, build.lib && build.lib.entry]
  return named
    .flatMap((value) => (typeof value === 'object' ? Object.values(value) : [value]))
    .filter((value) => typeof value === 'string')
    .filter((entry) => !entry.startsWith('virtual:') && !entry.endsWith('.html'))
    .map((entry) => normalize(toAbsolute(root, entry)))
}
