/** Rollup and Rolldown. Rollup reads ES modules in JavaScript, and finds files by their whole name: the rest is plugins. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { transform } from 'esbuild'
import rolldownOtel from 'unplugin-otel/rolldown'
import rollupOtel from 'unplugin-otel/rollup'
import {
  encoded,
  extensionOf,
  installed,
  isPackage,
  isRuntime,
  ofPlatforms,
  pluginsOf,
  strippedOf,
  type Build,
} from './build.ts'

const isSource = /\.([cm]?[jt]s|[jt]sx)$/
/** A type assertion may look like JSX. */
const loaderOf = (file: string) => (/\.[cm]?ts$/.test(file) ? 'ts' : 'tsx')
const typescript = {
  name: 'typescript',
  transform: (code: string, sourcefile: string) =>
    isSource.test(sourcefile)
      ? transform(code, {
          sourcefile,
          loader: loaderOf(sourcefile),
          jsx: 'automatic',
          target: 'node22',
          sourcemap: true,
        })
      : undefined,
}

/** Packages have it. */
const json = {
  name: 'json',
  transform: (code: string, id: string) =>
    id.endsWith('.json') ? { code: `module.exports = ${code}`, map: null } : undefined,
}

/** Of Vite, too. */
export const breakingOf = (build: Build) => ({
  before: {
    name: 'outside',
    enforce: 'pre' as const,
    resolveId: {
      order: 'pre' as const,
      handler: (id: string) => (build.broken === 'external' && isRuntime(id) ? { id, external: true } : null),
    },
  },
  after: {
    name: 'strip',
    renderChunk: (code: string, { isEntry }: { isEntry: boolean }) => {
      if (build.broken === 'encoded') return { code: encoded(code), map: null }
      return build.broken === 'stripped' && isEntry ? { code: strippedOf(build), map: null } : null
    },
  },
})

export async function rollup(build: Build): Promise<string[]> {
  const { rollup: create, commonjs, nodeResolve } = await installed()
  const plugins = [
    ...pluginsOf(build, rollupOtel),
    nodeResolve({ extensions: ['.js', '.ts'] }),
    typescript,
    json,
    commonjs({ extensions: ['.js', '.cjs', '.ts', '.json'] }),
  ]
  return write(create, build, { plugins }, { preserveSymlinks: true })
}

export async function rolldown(build: Build): Promise<string[]> {
  const plugins = pluginsOf(build, rolldownOtel)
  return write(
    (await installed()).rolldown,
    build,
    { plugins, platform: 'node', moduleTypes: { '.js': 'jsx' } },
    { resolve: { symlinks: false } },
  )
}

async function write(
  // oxlint-disable-next-line typescript/no-explicit-any
  create: any,
  build: Build,
  input: { plugins: object[] } & Readonly<Record<string, unknown>>,
  preserve: object,
): Promise<string[]> {
  const warnings: string[] = []
  const { before, after } = breakingOf(build)
  // Rollup has no folder for it; whoever wants to keep it writes it down.
  const kept = build.cache && path.join(build.cache, 'rollup.json')
  const bundle = await create({
    input: build.entries,
    external: build.bundled ? [...ofPlatforms] : isPackage,
    ...(build.preserveSymlinks && preserve),
    ...(kept && existsSync(kept) && { cache: JSON.parse(readFileSync(kept, 'utf8')) }),
    onLog: (_level: string, { message }: { message: string }) => void warnings.push(message),
    ...input,
    plugins: build.broken ? [before, ...input.plugins, after] : input.plugins,
  })
  const extension = extensionOf(build)
  await bundle.write({
    dir: build.outdir,
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `[name]-[hash].${extension}`,
    format: build.format === 'esm' ? 'es' : 'cjs',
    sourcemap: build.sourcemap ?? false,
    // Rollup has no minifier.
    ...(build.minify && create.name === 'rolldown' && { minify: true }),
    exports: build.format === 'esm' ? 'named' : 'auto',
  })
  await bundle.close()
  if (kept) writeFileSync(kept, JSON.stringify(bundle.cache))
  return warnings
}
