import { transform } from 'esbuild'
import { build as vite } from 'vite'
import otel from 'unplugin-otel/vite'
import { createViteLogger } from '../vite-logger.ts'
import { extensionOf, isPackage, ofPlatforms, pluginsOf, type Build } from './build.ts'
import { breakingOf } from './rollup.ts'

/** Oxc leaves those that are not legacy ones: https://vite.dev/guide/migration/ */
const decorators = {
  name: 'decorators',
  transform: {
    filter: { id: /\.ts$/, code: /^(export )?@\w/m },
    handler: (code: string, sourcefile: string) =>
      transform(code, { sourcefile, loader: 'ts', target: 'node22', sourcemap: true }),
  },
}

export async function viteBuild(build: Build): Promise<string[]> {
  const { root, entries, outdir, format, bundled } = build
  const { before, after } = breakingOf(build)
  const { printed, customLogger } = createViteLogger()
  const extension = extensionOf(build)
  await vite({
    root,
    configFile: false,
    customLogger,
    resolve: { preserveSymlinks: build.preserveSymlinks ?? false },
    plugins: [...(build.broken ? [before, after] : []), ...pluginsOf(build, otel), decorators],
    ...(bundled && { ssr: { noExternal: true as const } }),
    build: {
      ssr: true,
      minify: build.minify ?? false,
      outDir: outdir,
      emptyOutDir: true,
      sourcemap: build.sourcemap ?? false,
      rolldownOptions: {
        input: { ...entries },
        // What Oxc lowers for, Vite brings itself.
        external: bundled ? [...ofPlatforms] : (id: string) => isPackage(id) && !id.startsWith('@oxc-project/runtime'),
        moduleTypes: { '.js': 'jsx' },
        output: {
          format: format === 'esm' ? 'es' : 'cjs',
          entryFileNames: `[name].${extension}`,
          chunkFileNames: `[name]-[hash].${extension}`,
        },
      },
    },
  })
  return printed
}
