/**
 * A persistent cache must not serve a module that was wrapped by other options, or by another version. Rollup asks
 * (`rollup-hooks.ts`); Vite has none for modules, only for packages, which are never wrapped.
 */
import type { Pipeline } from './index.ts'

/** All that a wrap depends on beside the module itself. */
export function cacheKey({ options, project, build }: Pipeline): string {
  const facts = [options, [...project.files], project.scripts, build.platform?.id, build.target, build.context]
  return `unplugin-otel ${__VERSION__} ${JSON.stringify(facts)}`
}

/** Written by the build (`define` in tsdown.config.ts) from package.json. */
declare const __VERSION__: string
