/** What webpack and Rspack have in common: their compiler, as far as it is used here. */
import { normalize } from 'pathe'
import type { UnpluginOptions } from 'unplugin'
import { toAbsolute } from './build.ts'
import { cacheKey } from './cache-key.ts'
import { listResolved } from './entry.ts'
import { toFilter } from './id-filter.ts'
import { createPipeline, hooks, type Pipeline } from './index.ts'
import { CAUGHT, createRedirects, type Redirects } from './installers.ts'
import { lambdaFooter } from './lambda-footer.ts'
import { createNews, type News } from './report/news.ts'
import type { Options } from './options.ts'
import type { BundlerFacts } from './project.ts'
import { onStderr, tell } from './report/voice.ts'
import { externalsWithoutOurs } from './webpack-externals.ts'
import { chunksOf, type Output } from './webpack-output.ts'

interface Tap<Args extends unknown[]> {
  tap(options: string | { name: string; stage: number }, run: (...args: Args) => void): void
}
interface Compilation extends Output {
  readonly hooks: {
    readonly processAssets: Tap<[]>
    readonly finishModules: Tap<[Iterable<{ readonly resource?: string }>]>
  }
  readonly warnings: Error[]
  readonly errors: Error[]
  updateAsset(file: string, update: (source: object) => object): void
}
interface Compiler {
  readonly context: string
  readonly watchMode?: boolean
  readonly options: {
    readonly entry?: unknown
    readonly target?: unknown
    readonly plugins?: readonly unknown[]
    readonly resolve: { readonly conditionNames?: readonly string[]; alias?: object | false }
    readonly output?: { readonly module?: boolean; readonly library?: { readonly type?: string } }
    readonly stats?: unknown
    externals?: unknown
    readonly cache?: unknown
    readonly experiments?: { readonly cache?: unknown }
    readonly module: { readonly rules: { resource?: RegExp }[] }
  }
  readonly webpack: { readonly sources: { ConcatSource: new (...parts: (object | string)[]) => object } }
  readonly hooks: {
    readonly compilation: Tap<[Compilation, { normalModuleFactory: Factory }]>
    readonly thisCompilation: Tap<[Compilation]>
  }
}
/** https://webpack.js.org/api/normalmodulefactory-hooks/#beforeresolve */
interface ResolveData {
  request: string
  /** The folder that it is resolved from. */
  context: string
  readonly contextInfo?: { readonly issuer?: string }
  /** `esm` or `commonjs`; webpack only. */
  dependencyType?: string | undefined
}
type How = Pick<ResolveData, 'context' | 'dependencyType'>
interface Factory {
  readonly hooks: { readonly beforeResolve: Tap<[ResolveData]> }
}

const served = new WeakSet<object>()

/** After minimisation (400), before source maps (500). https://webpack.js.org/api/compilation-hooks/#processassets */
const AFTER_OPTIMIZE_SIZE = 401

export interface CompilerPlugin {
  apply(compiler: never): void
}

/**
 * @param create unplugin's, for this bundler
 * @param known facts that the compiler's options do not have
 */
export function createCompilerPlugin(
  name: 'webpack' | 'rspack',
  create: (factory: () => UnpluginOptions) => (options: undefined) => CompilerPlugin,
  options: Options | undefined,
  known?: Partial<BundlerFacts>,
): CompilerPlugin {
  return {
    apply(compiler: Compiler) {
      // Rspack has one loader for all plugins of a name, and asks the first.
      if (name === 'rspack' && served.has(compiler)) return
      served.add(compiler)
      const pipeline = connect(name, compiler, options, known)
      if (!pipeline.options.enabled) return
      const transformInclude = (id: string) => pipeline.includes(id)
      const transform: Pipeline['transform'] = async (code, id, importing) =>
        withAbsoluteSource(await pipeline.transform(withoutMark(code), id, importing), id)
      create(() => ({ ...hooks(() => ({ transform })), transformInclude }))(undefined).apply(compiler as never)
      // unplugin's rule is a function, which Rspack would call into JavaScript for, with every module.
      compiler.options.module.rules[0]!.resource = toFilter(pipeline)
    },
  }
}

/**
 * The folder of the module is not what webpack reads a loader's map against: only an absolute source gets the name that
 * `devtoolModuleFilenameTemplate` gives. https://webpack.js.org/configuration/output/#outputdevtoolmodulefilenametemplate
 */
function withAbsoluteSource(output: Awaited<ReturnType<Pipeline['transform']>>, id: string): typeof output {
  if (output) output.map.sources = [id.replace(/\?.*$/, '')]
  return output
}

/** Of all that loaders read webpack takes it away, but not of what unplugin's does, which asks for bytes. */
function withoutMark(code: string): string {
  return code.startsWith('\uFEFF') ? code.slice(1) : code
}

function connect(
  name: 'webpack' | 'rspack',
  compiler: Compiler,
  options: Options | undefined,
  known?: Partial<BundlerFacts>,
): Pipeline {
  const pipeline = createPipeline(options, { ...readFacts(name, compiler), ...known })
  if (!pipeline.options.enabled) return pipeline
  const redirects = createRedirects<How>(pipeline)
  for (const cache of persistentCaches(compiler.options)) cache.version = `${cache.version ?? ''}|${cacheKey(pipeline)}`
  if (compiler.options.externals)
    compiler.options.externals = externalsWithoutOurs(compiler.options.externals, redirects.isOurs)
  if (name === 'rspack' && !redirects.isByImporter) addAliases(compiler, pipeline)
  else redirect(compiler, redirects)
  const isNews = createNews()
  const { ConcatSource } = compiler.webpack.sources
  compiler.hooks.thisCompilation.tap('unplugin-otel', (compilation) => {
    // A rebuild asks for changed modules only.
    if (compiler.watchMode) {
      compilation.hooks.finishModules.tap('unplugin-otel', (modules) => {
        // A `#` in a path has a mark before it, another one in Rspack.
        const fileOf = ({ resource }: { readonly resource?: string }) => resource?.replace(/[\0\u200B]/g, '')
        const paths = new Set(Array.from(modules, (module) => pipeline.build.of(fileOf(module))?.path))
        pipeline.report.keep((path) => paths.has(path))
      })
    }
    compilation.hooks.processAssets.tap({ name: 'unplugin-otel', stage: AFTER_OPTIMIZE_SIZE }, () => {
      // Who knows more has said it already; Next's entries are modules of its own, so that its output is not checked.
      if (!known && compilation.errors.length === 0) {
        pipeline.check(chunksOf(compilation))
        say(compiler, compilation, pipeline, isNews)
      }
      const isWrapped = pipeline.report.mayHaveWrapped(persistentCaches(compiler.options).length > 0)
      const footer = isWrapped ? lambdaFooter(pipeline, pipeline.project.bundler.format) : undefined
      for (const entry of footer ? compilation.entrypoints.values() : []) {
        for (const file of entry.getEntrypointChunk().files) {
          if (/\.[cm]?js$/.test(file)) compilation.updateAsset(file, (source) => new ConcatSource(source, footer!))
        }
      }
    })
  })
  return pipeline
}

/** In Rspack a hook is a call into JavaScript with every import of every module: what a list can say, it is told so. */
function addAliases({ options: { resolve } }: Compiler, { project }: Pipeline): void {
  const ours = Object.fromEntries(Object.entries(listResolved(project.root)).map(([name, file]) => [`${name}$`, file]))
  // The first one that matches counts.
  resolve.alias = { ...ours, ...resolve.alias, ...ours }
}

function redirect(compiler: Compiler, redirects: Redirects<How>): void {
  compiler.hooks.compilation.tap('unplugin-otel', (_compilation, { normalModuleFactory }) => {
    normalModuleFactory.hooks.beforeResolve.tap('unplugin-otel', (data) => {
      if (!CAUGHT.test(data.request)) return
      const { context, dependencyType } = data
      const found = redirects.resolve(data.request, data.contextInfo?.issuer || undefined, { context, dependencyType })
      if (found && 'file' in found) data.request = found.file
      else if (found) {
        data.context = found.as.how.context
        if (found.as.how.dependencyType) data.dependencyType = found.as.how.dependencyType
      }
    })
  })
}

function readFacts(name: 'webpack' | 'rspack', { context, options }: Compiler): BundlerFacts {
  const { entry, target, plugins = [], resolve, output } = options
  const targets = [target ?? 'web'].flat().map(String)
  const conditions = resolve?.conditionNames ?? []
  const isServer = targets.some((each) => /^(async-)?node|^webworker|^es/.test(each)) || conditions.length > 0
  const type = output?.library?.type ?? ''
  const isModule = output?.module === true || type === 'module'
  return {
    name,
    root: normalize(context),
    platform: isServer ? 'node' : 'browser',
    format: isModule ? 'esm' : type.startsWith('commonjs') ? 'cjs' : undefined,
    topLevelAwait: isModule,
    appends: true,
    conditions,
    entries: readEntries(entry).map((path) => normalize(toAbsolute(context, path))),
    plugins: plugins.flatMap((plugin) => (plugin as { constructor?: { name?: string } })?.constructor?.name ?? []),
    files: {},
  }
}

/** `'./a.js'`, `['./a.js']`, `{ main: './a.js' }`, and what webpack makes of them: `{ main: { import: ['./a.js'] } }`. */
function readEntries(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry]
  if (Array.isArray(entry)) return entry.flatMap(readEntries)
  if (typeof entry !== 'object' || entry === null) return []
  return Object.entries(entry).flatMap(([key, value]) =>
    ['dependOn', 'filename', 'runtime', 'layer', 'library'].includes(key) ? [] : readEntries(value),
  )
}

function say({ options: own }: Compiler, { warnings, errors }: Compilation, { report }: Pipeline, isNews: News): void {
  const finished = report.finish(persistentCaches(own).length > 0)
  const isSilent = !isNews(finished) || own.stats === 'none' || own.stats === false
  tell(finished, {
    info: (text) => (isSilent ? undefined : onStderr(text)),
    warn: (text) => warnings.push(new Error(text)),
    fail: (text) => errors.push(new Error(text)),
  })
}

/** webpack's `filesystem` and Rspack's `persistent`; Rspack 1 has it among its experiments. */
function persistentCaches({ cache, experiments }: Compiler['options']): { version?: string }[] {
  const found = [cache, experiments?.cache] as ({ type?: string; version?: string } | boolean | undefined)[]
  return found.filter((each) => typeof each === 'object' && each.type !== 'memory') as { version?: string }[]
}
