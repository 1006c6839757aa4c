/** The plugin for Farm. */
import { normalize, relative } from 'pathe'
import { createFarmPlugin } from 'unplugin'
import { toAbsolute } from './build.ts'
import { cacheKey } from './cache-key.ts'
import { toFilter } from './id-filter.ts'
import { createPipeline, hooks, type Pipeline } from './index.ts'
import { CAUGHT, createRedirects, type Redirects } from './installers.ts'
import { lambdaFooter } from './lambda-footer.ts'
import { createNews, type News } from './report/news.ts'
import type { Options } from './options.ts'
import type { OutputChunk } from './report/output-check.ts'
import type { BundlerFacts } from './project.ts'
import { onStderr, silence, tell, type Voice } from './report/voice.ts'

// As much of `UserConfig` as is used here: https://www.farmfe.org/docs/config/compilation-options
interface Config {
  readonly root?: string
  readonly plugins?: readonly unknown[]
  readonly compilation?: {
    readonly input?: Readonly<Record<string, string>>
    readonly output?: { readonly targetEnv?: string; readonly format?: 'cjs' | 'esm' }
    readonly resolve?: { readonly conditions?: readonly string[] }
    readonly persistentCache?: boolean | { readonly envs?: Readonly<Record<string, string>> }
  }
}
interface Resources {
  readonly resourcesMap: Readonly<Record<string, Resource>>
}
interface Resource {
  readonly info?: { readonly data?: { readonly isEntry?: boolean } }
  bytes: number[]
}
interface ResolveParam {
  readonly source: string
  /** Relative to the root. */
  readonly importer: string | null
  readonly kind: string
}
interface ResolveContext {
  resolve(param: ResolveParam, hook: { meta: object; caller: string }): Promise<object>
}
interface FarmPlugin {
  readonly name: string
  readonly transform?: { readonly filters: { resolvedPaths: string[] } }
}

/** What marks what we ask Farm ourselves. */
const CALLER = 'unplugin-otel'

/**
 * Put it first in `plugins`: it reads the source as it was written. Not for `targetEnv: 'library-node'`.
 * @throws {PluginError} for options that cannot be meant
 * @example
 * ```ts
 * // farm.config.ts
 * import otel from 'unplugin-otel/farm'
 *
 * export default {
 *   compilation: { input: { index: './src/handler.ts' }, output: { targetEnv: 'node' } },
 *   plugins: [otel()],
 * }
 * ```
 */
export default function otel(options?: Options): FarmPlugin[] {
  let pipeline: Pipeline | undefined
  let redirects: Redirects<string> | undefined
  let mayBeCached = true
  const isNews = createNews()
  const find = () => (pipeline?.options.enabled ? pipeline : undefined)
  const native = {
    config(config: Config): Config {
      pipeline = createPipeline(options, readFacts(config))
      redirects = createRedirects(pipeline)
      native.resolve.filters.sources = [redirects.caught.source]
      mayBeCached = config.compilation?.persistentCache !== false
      // unplugin would ask about every module.
      main.transform!.filters.resolvedPaths = [toFilter(pipeline).source]
      return withCacheKey(config, pipeline)
    },
    resolve: {
      filters: { sources: [CAUGHT.source], importers: ['.*'] },
      async executor({ source, importer, kind }: ResolveParam, context: ResolveContext, hook?: { caller?: string }) {
        const root = find()?.project.bundler.root
        if (root === undefined || hook?.caller === CALLER) return null
        const from = importer ? toAbsolute(root, importer) : undefined
        const found = redirects?.resolve(source, from, kind)
        if (!found) return null
        if ('file' in found) {
          return { resolvedPath: found.file, external: false, sideEffects: false, query: [], meta: {} }
        }
        const importing = relative(root, found.as.importer)
        return context.resolve({ source, importer: importing, kind: found.as.how }, { meta: {}, caller: CALLER })
      },
    },
    finish: { executor: () => say(find(), mayBeCached, isNews, fail) },
    // Of a watch build, after an edit. What is thrown here ends Farm's process.
    updateFinished: { executor: () => say(find(), mayBeCached, isNews, onStderr) },
  }
  const main = createFarmPlugin(() => ({
    ...hooks(find),
    transformInclude: (id) => find()?.includes(id) ?? false,
    farm: native as object,
  }))(undefined) as FarmPlugin
  return [main, footerPlugin(() => (find()?.report.mayHaveWrapped(mayBeCached) ? find() : undefined))]
}

export type { Options } from './options.ts'
export { otel as 'module.exports' }

/** A plugin of its own: only after Farm's, which have 99 and more, is an entry a module that exports. */
function footerPlugin(find: () => Pipeline | undefined) {
  const executor = ({ resourcesMap }: Resources) => {
    const pipeline = find()
    pipeline?.check(toChunks(resourcesMap, pipeline.project.bundler.entries))
    const footer = pipeline && lambdaFooter(pipeline, pipeline.project.bundler.format)
    for (const resource of footer ? Object.values(resourcesMap) : []) {
      if (resource.info?.data?.isEntry) resource.bytes = [...resource.bytes, ...Buffer.from(footer!)]
    }
    return resourcesMap
  }
  return { name: 'unplugin-otel-footer', priority: 1, finalizeResources: { executor } }
}

/** Of several entries it is not told which resource is whose, and of none what it imports. */
function toChunks(resources: Resources['resourcesMap'], entries: readonly string[]): OutputChunk[] {
  const files = Object.entries(resources).filter(([file]) => /\.[cm]?js$/.test(file))
  return files.map(([file, { bytes, info }]) => ({
    file,
    code: Buffer.from(bytes).toString(),
    isEntry: entries.length === 1 && info?.data?.isEntry === true,
    entries,
    imports: files.length > 1 ? undefined : [],
  }))
}

/** https://www.farmfe.org/docs/advanced/persistent-cache#invalidate-cache */
function withCacheKey(config: Config, pipeline: Pipeline): Config {
  const cache = config.compilation?.persistentCache ?? true
  if (!pipeline.options.enabled || cache === false) return config
  const own = typeof cache === 'object' ? cache : {}
  const persistentCache = { ...own, envs: { ...own.envs, 'unplugin-otel': cacheKey(pipeline) } }
  return { ...config, compilation: { ...config.compilation, persistentCache } }
}

function say(pipeline: Pipeline | undefined, mayBeCached: boolean, isNews: News, fail: Voice['fail']): void {
  if (!pipeline) return
  const finished = pipeline.report.finish(mayBeCached)
  // Farm's own log goes to stdout.
  tell(finished, { ...(isNews(finished) ? { info: onStderr, warn: onStderr } : silence), fail })
}

/** What is thrown at the end Farm's Rust half makes a panic of, whose text is not ours. */
function fail(text: string): void {
  onStderr(text)
  process.exitCode = 1
}

function readFacts({ root = '.', plugins = [], compilation = {} }: Config): BundlerFacts {
  const { input = {}, output: { targetEnv = 'browser', format = 'esm' } = {}, resolve } = compilation
  const folder = normalize(toAbsolute(process.cwd(), root))
  return {
    name: 'farm',
    root: folder,
    platform: targetEnv.startsWith('browser') ? 'browser' : 'node',
    format,
    topLevelAwait: format === 'esm',
    appends: true,
    conditions: resolve?.conditions ?? [],
    entries: Object.values(input).map((entry) => normalize(toAbsolute(folder, entry))),
    plugins: (plugins as { readonly name?: string }[]).flatMap((plugin) => plugin?.name ?? []),
    files: {},
  }
}
