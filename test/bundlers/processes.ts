/** Bun's bundler runs in Bun, and so do its plugins; Farm ends the process that it fails in. */
import path from 'node:path'
import { buildInProcess, extensionOf, optionsOf, projects, strippedOf, type Build } from './build.ts'

export async function bun(build: Build): Promise<string[]> {
  const binary = path.join(projects, 'bundlers/node_modules/@oven/bun-linux-x64/bin/bun')
  const { entries, outdir, format, minify, broken } = build
  const args = { entries, outdir, format, minify, broken, extension: extensionOf(build), options: optionsOf(build) }
  return buildInProcess(binary, path.join(projects, 'bundlers/bun-build.js'), build, args)
}

export async function farm(build: Build): Promise<string[]> {
  const { root, entries: input, outdir, format, cache, minify, broken } = build
  const persistentCache = cache ? { cacheDir: cache } : false
  const stripped = strippedOf(build)
  const args = { root, input, outdir, format, minify, broken, stripped, persistentCache, options: optionsOf(build) }
  return buildInProcess(process.execPath, path.join(projects, 'farm/build.js'), build, args)
}
