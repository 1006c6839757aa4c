/** Each bundler with as little as it needs: whatever else a project has makes the plugin's share smaller. */
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { installed, projects, repository } from '../bundlers/build.ts'

export interface Build {
  readonly root: string
  /** Name in the output → file, absolute. */
  readonly entries: Readonly<Record<string, string>>
  readonly outdir: string
  /** Ours, or none. */
  readonly plugins: readonly unknown[]
}

// Types are checked before the projects are installed.
// oxlint-disable-next-line typescript/no-explicit-any
type Any = any

/** Loads the bundler. */
export const bundlers: Readonly<Record<string, () => Promise<(build: Build) => Promise<unknown>>>> = {
  async esbuild() {
    const { build } = await import('esbuild')
    return ({ root, entries, outdir, plugins }) =>
      build({
        absWorkingDir: root,
        entryPoints: { ...entries },
        outdir,
        bundle: true,
        platform: 'node',
        target: 'node22',
        format: 'esm',
        logLevel: 'silent',
        plugins: [...plugins] as Any,
      })
  },
  async vite() {
    const { build } = await import('vite')
    return ({ root, entries, outdir, plugins }) =>
      build({
        root,
        configFile: false,
        logLevel: 'silent',
        plugins: [...plugins] as Any,
        ssr: { noExternal: true },
        build: { ssr: true, outDir: outdir, emptyOutDir: true, rolldownOptions: { input: { ...entries } } },
      })
  },
  async rollup() {
    const { rollup } = await installed()
    return writing(rollup, { plugins: [json, api] })
  },
  async rolldown() {
    const { rolldown } = await installed()
    return writing(rolldown, { plugins: [], platform: 'node' })
  },
  async webpack() {
    return compiling((await installed()).webpack)
  },
  async rspack() {
    return compiling((await installed()).rspack)
  },
  async farm() {
    const file = path.join(projects, 'farm/node_modules/@farmfe/core/dist/index.js')
    const { build } = await import(pathToFileURL(file).href)
    return ({ root, entries: input, outdir, plugins }) =>
      build({
        root,
        configFile: false,
        clearScreen: false,
        plugins: [...plugins].flat(),
        compilation: {
          input,
          output: {
            path: outdir,
            targetEnv: 'node',
            format: 'esm',
            entryFilename: '[entryName].mjs',
            filename: '[resourceName].mjs',
          },
          external: ['^[^./]'],
          persistentCache: false,
          presetEnv: false,
          minify: false,
          sourcemap: false,
        },
      })
  },
  async bun() {
    const { Bun } = globalThis as Any
    return async ({ entries, outdir, plugins }) => {
      const { success, logs } = await Bun.build({
        entrypoints: Object.values(entries),
        target: 'node',
        format: 'esm',
        outdir,
        plugins: [...plugins],
      })
      if (!success) throw new Error(logs.join('\n'))
    }
  },
}

/** Rollup finds no packages. The runtime imports one. */
const api = {
  name: 'api',
  resolveId: {
    filter: { id: /^@opentelemetry\/api$/ },
    handler: () => path.join(repository, 'node_modules/@opentelemetry/api/dist/index.mjs'),
  },
}

/** Rollup reads JavaScript only. */
const json = {
  name: 'json',
  transform: {
    filter: { id: /\.json$/ },
    handler: (code: string) => ({ code: `export default ${code}`, map: null }),
  },
}

function writing(
  create: Any,
  { plugins: own, ...input }: { readonly plugins: readonly unknown[]; readonly platform?: 'node' },
) {
  return async ({ entries, outdir, plugins }: Build) => {
    const bundle = await create({ input: entries, plugins: [...plugins, ...own], logLevel: 'silent', ...input })
    await bundle.write({ dir: outdir, format: 'es', entryFileNames: '[name].mjs' })
    await bundle.close()
  }
}

function compiling(create: Any) {
  return async ({ root, entries, outdir, plugins }: Build) => {
    const compiler = create({
      context: root,
      mode: 'production',
      devtool: false,
      target: 'node22',
      stats: 'none',
      optimization: { minimize: false },
      entry: entries,
      experiments: { outputModule: true },
      output: { path: outdir, filename: '[name].mjs', module: true, library: { type: 'module' } },
      plugins,
    })
    const stats = await new Promise<Any>((resolve, reject) => {
      compiler.run((error: Error | null, result: unknown) => (error ? reject(error) : resolve(result)))
    })
    await new Promise((resolve) => compiler.close(resolve))
    const { errors } = stats.toJson({ all: false, errors: true })
    if (errors.length > 0) throw new Error(errors.map(({ message }: Error) => message).join('\n'))
  }
}
