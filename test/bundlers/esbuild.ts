import { build as run } from 'esbuild'
import otel from 'unplugin-otel/esbuild'
import { extensionOf, ofPlatforms, pluginsOf, type Build } from './build.ts'

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
    logLevel: 'silent',
    plugins: pluginsOf(build, otel),
  })
  return warnings.map(({ text }) => text)
}
