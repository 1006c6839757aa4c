/** What webpack and Rspack have in common. */
import type { UnpluginOptions } from 'unplugin'
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
import { persistentCaches, readFacts, type Compilation, type Compiler, type How } from './webpack-compiler.ts'
import { externalsWithoutOurs } from './webpack-externals.ts'
import { chunksOf } from './webpack-output.ts'

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

function say(compiler: Compiler, { warnings, errors }: Compilation, pipeline: Pipeline, isNews: News): void {
  const { options: own } = compiler
  const { report, options } = pipeline
  // https://webpack.js.org/configuration/infrastructureLogging/: it has the name before each text, and a mark before each
  // line, so that what is for programs goes another way.
  const log = (text: string) =>
    compiler.getInfrastructureLogger('unplugin-otel').info(text.replace('[unplugin-otel] ', ''))
  const print = options.report === 'json' ? onStderr : log
  const finished = report.finish(persistentCaches(own).length > 0)
  const isSilent = !isNews(finished) || own.stats === 'none' || own.stats === false
  tell(finished, {
    info: (text) => (isSilent ? undefined : print(text)),
    warn: (text) => warnings.push(new Error(text)),
    fail: (text) => errors.push(new Error(text)),
  })
}
