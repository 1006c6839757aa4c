/** webpack and Rspack. webpack reads no TypeScript: the rest is a loader. */
import path from 'node:path'
import rspackOtel from 'unplugin-otel/rspack'
import webpackOtel from 'unplugin-otel/webpack'
import {
  encoded,
  extensionOf,
  installed,
  isRuntime,
  ofPlatforms,
  pluginsOf,
  projects,
  strippedOf,
  type Build,
} from './build.ts'

export function webpack(build: Build): Promise<string[]> {
  const loader = path.join(projects, 'bundlers/typescript-loader.cjs')
  return compile('webpack', build, pluginsOf(build, webpackOtel), { loader }, 'filesystem')
}

export function rspack(build: Build): Promise<string[]> {
  const swc = {
    loader: 'builtin:swc-loader',
    options: {
      jsc: {
        parser: { syntax: 'typescript', tsx: true, decorators: true },
        transform: { react: { runtime: 'automatic' }, decoratorVersion: '2022-03' },
        target: 'es2022',
      },
    },
  }
  return compile('rspack', build, pluginsOf(build, rspackOtel), swc, 'persistent')
}

const breaking = (build: Build, type: string) => ({
  // oxlint-disable-next-line typescript/no-explicit-any
  apply(compiler: any) {
    const { ExternalsPlugin, sources } = compiler.webpack
    if (build.broken === 'external') {
      const outside = ({ request }: { request: string }, done: (error: null, id?: string) => void) =>
        isRuntime(request) ? done(null, `${type} ${request}`) : done(null)
      new ExternalsPlugin(type, [outside]).apply(compiler)
    } else {
      // oxlint-disable-next-line typescript/no-explicit-any
      compiler.hooks.thisCompilation.tap('strip', (compilation: any) =>
        compilation.hooks.processAssets.tap(
          { name: 'strip', stage: 400 },
          (assets: Record<string, { source(): string }>) => {
            for (const [name, asset] of Object.entries(assets)) {
              const text = build.broken === 'encoded' ? encoded(String(asset.source())) : strippedOf(build)
              compilation.updateAsset(name, new sources.RawSource(text))
            }
          },
        ),
      )
    }
  },
})

async function compile(
  name: 'webpack' | 'rspack',
  build: Build,
  plugins: readonly object[],
  loader: object,
  cacheType: string,
): Promise<string[]> {
  const { [name]: create, nodeExternals } = await installed()
  const isEsm = build.format === 'esm'
  const external = isEsm ? 'module' : 'commonjs'
  const compiler = create({
    context: build.root,
    mode: 'production',
    devtool: build.sourcemap ? 'source-map' : false,
    target: 'node20',
    optimization: { minimize: build.minify ?? false },
    ...(build.cache && {
      cache: {
        type: cacheType,
        ...(name === 'webpack'
          ? { cacheDirectory: build.cache }
          : { storage: { type: 'filesystem', directory: build.cache } }),
      },
    }),
    entry: build.entries,
    module: { rules: [{ test: /\.([cm]?[jt]s|[jt]sx)$/, exclude: /node_modules|[\\/]dist[\\/]/, use: loader }] },
    resolve: { extensions: ['.js', '.ts'], symlinks: !build.preserveSymlinks },
    externals: [
      ...(build.bundled
        ? []
        : [nodeExternals({ importType: external, modulesDir: path.join(build.root, 'node_modules') })]),
      Object.fromEntries(ofPlatforms.map((name) => [name, `${external} ${name}`])),
    ],
    externalsPresets: { node: true },
    experiments: isEsm ? { outputModule: true } : {},
    output: {
      path: build.outdir,
      filename: `[name].${extensionOf(build)}`,
      library: { type: isEsm ? 'module' : 'commonjs2' },
      ...(isEsm && { module: true, chunkFormat: 'module' }),
    },
    plugins: build.broken ? [...plugins, breaking(build, external)] : plugins,
  })
  // oxlint-disable-next-line typescript/no-explicit-any
  const stats = await new Promise<any>((resolve, reject) => {
    compiler.run((error: Error | null, result: unknown) => (error ? reject(error) : resolve(result)))
  })
  await new Promise((resolve) => compiler.close(resolve))
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true })
  if (errors.length > 0) throw new Error(errors.map(({ message }: Error) => message).join('\n'))
  return warnings.map(({ message }: Error) => message)
}
