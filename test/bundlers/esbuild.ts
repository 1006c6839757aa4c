import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build as run, type Plugin } from 'esbuild'
import otel from 'unplugin-otel/esbuild'
import { extensionOf, isRuntime, ofPlatforms, pluginsOf, strippedOf, type Build } from './build.ts'

const breaking = (build: Build): Plugin => ({
  name: 'breaking',
  setup({ onResolve, onEnd }) {
    if (build.broken === 'external')
      onResolve({ filter: /^unplugin-otel\// }, ({ path: id }) =>
        isRuntime(id) ? { path: id, external: true } : undefined,
      )
    else
      onEnd(() => {
        for (const name of readdirSync(build.outdir)) writeFileSync(path.join(build.outdir, name), strippedOf(build))
      })
  },
})

export async function esbuild(build: Build): Promise<string[]> {
  const { warnings } = await run({
    absWorkingDir: build.root,
    entryPoints: { ...build.entries },
    outdir: build.outdir,
    outExtension: { '.js': `.${extensionOf(build)}` },
    bundle: true,
    splitting: build.format === 'esm',
    platform: 'node',
    target: 'node22',
    format: build.format,
    packages: build.bundled ? 'bundle' : 'external',
    external: [...ofPlatforms],
    jsx: 'automatic',
    loader: { '.js': 'jsx' },
    // Otherwise esbuild itself renames anonymous default exports.
    keepNames: true,
    preserveSymlinks: build.preserveSymlinks ?? false,
    sourcemap: build.sourcemap ?? false,
    minify: build.minify ?? false,
    logLevel: 'silent',
    plugins: [...(build.broken ? [breaking(build)] : []), ...pluginsOf(build, otel)],
  })
  return warnings.map(({ text }) => text)
}
