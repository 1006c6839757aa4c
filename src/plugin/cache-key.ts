/**
 * A persistent cache must not serve a module that was wrapped by other options, or by another version. Rollup asks
 * (`rollup-hooks.ts`); Vite has none for modules, only for packages, which are never wrapped.
 */
import { createHash } from 'node:crypto'
import { findConfigFile } from './config-file.ts'
import type { Pipeline } from './index.ts'

/** All that a wrap depends on beside the module itself. As a hash: bundlers write it down, and files have secrets. */
export function cacheKey({ options, project, build }: Pipeline): string {
  const facts = [options, [...project.files], project.scripts, build.platform?.id, build.target, build.context]
  // Which functions there are, and so what is imported. Globs are no files.
  const configs = options.enabled ? build.entries.map((file) => findConfigFile({ file }, options, project)) : []
  facts.push([...new Set(configs.map((config) => JSON.stringify(config)))])
  const hash = createHash('sha256').update(JSON.stringify(facts)).digest('hex')
  return `unplugin-otel ${__VERSION__} ${hash}`
}

/** Written by the build (`define` in tsdown.config.ts) from package.json. */
declare const __VERSION__: string
