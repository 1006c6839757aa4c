/** esbuild's configuration → the facts of the pipeline, and the hooks that only esbuild needs. */
import type { BuildOptions, OnEndResult, OnLoadArgs, OnResolveArgs, PartialMessage, Plugin, PluginBuild } from 'esbuild'
import { extname, normalize } from 'pathe'
import { createEsbuildPlugin } from 'unplugin'
import { toAbsolute } from './build.ts'
import { isRuntime } from './entry.ts'
import { readOutput } from './esbuild-output.ts'
import { toFilter } from './id-filter.ts'
import { createPipeline, hooks, type Pipeline } from './index.ts'
import { createRedirects } from './installers.ts'
import { lambdaFooter } from './lambda-footer.ts'
import { loaderOf } from './loader-of.ts'
import { createNews, type News } from './report/news.ts'
import type { Options } from './options.ts'
import type { BundlerFacts } from './project.ts'
import { allowsTopLevelAwait } from './top-level-await.ts'
import { onStderr, tell } from './report/voice.ts'

/**
 * The plugin for esbuild: put it first in `plugins`, esbuild gives a file to the first plugin that loads it.
 * @throws {PluginError} for options that cannot be meant
 * @example
 * ```ts
 * import { build } from 'esbuild'
 * import otel from 'unplugin-otel/esbuild'
 *
 * await build({
 *   entryPoints: ['src/handler.ts'],
 *   bundle: true,
 *   platform: 'node',
 *   format: 'esm',
 *   outfile: 'dist/index.mjs',
 *   plugins: [otel()],
 * })
 * ```
 */
export default function otel(options?: Options): Plugin {
  return {
    name: 'unplugin-otel',
    setup(build) {
      const { initialOptions } = build
      const begin = () => {
        const begun = createPipeline(options, readFacts(initialOptions))
        return { pipeline: begun, redirects: createRedirects<Pick<OnResolveArgs, 'resolveDir' | 'kind'>>(begun) }
      }
      let { pipeline, redirects } = begin()
      if (!pipeline.options.enabled) return undefined
      // A rebuild asks for every module again: what it no longer has is not in its report.
      let isRebuild = false
      build.onStart(() => {
        if (isRebuild) ({ pipeline, redirects } = begin())
        isRebuild = true
      })
      build.onResolve({ filter: redirects.caught }, ({ path, importer, resolveDir, kind, pluginData }) => {
        const found = pluginData === PASS ? undefined : redirects.resolve(path, importer, { resolveDir, kind })
        if (!found) return undefined
        if ('file' in found) return { path: found.file, sideEffects: false }
        return build.resolve(path, { importer: found.as.importer, ...found.as.how, pluginData: PASS })
      })
      const { format } = pipeline.project.bundler
      const footer = format === 'cjs' ? lambdaFooter(pipeline, format) : undefined
      // These options are the user's own object, which may be built with more than once.
      const own = initialOptions.footer?.['js'] ?? ''
      if (footer && !own.endsWith(footer)) initialOptions.footer = { ...initialOptions.footer, js: own + footer }
      // Not for every platform of esbuild is it a built-in.
      build.onResolve({ filter: /^node:async_hooks$/ }, ({ path, importer }) =>
        isRuntime(importer) ? { path, external: true } : undefined,
      )
      // Of what cannot be built, esbuild has said enough.
      const isNews = createNews()
      build.onEnd((result) => {
        if (result.errors.length > 0) return undefined
        pipeline.check(readOutput(initialOptions, result, pipeline.project.bundler))
        return finish(pipeline, build, isNews)
      })
      const wrapped = new Set<string>()
      const transform: Pipeline['transform'] = async (code, id, importing) => {
        const output = await pipeline.transform(code, id, importing)
        wrapped[output ? 'add' : 'delete'](id)
        return output
      }
      return createEsbuildPlugin(() => ({
        ...hooks(() => ({ transform })),
        transformInclude: (id) => pipeline.includes(id),
        esbuild: {
          onLoadFilter: toFilter(pipeline),
          loader: (_code, id) => initialOptions.loader?.[extname(id)] ?? loaderOf(id, 'js'),
        },
      }))().setup({
        ...build,
        // What is not wrapped stays with esbuild: unplugin would give back what it has decoded.
        onLoad: (filter, load) =>
          build.onLoad(filter, async (args) => {
            const result = isCode(args, initialOptions) ? await load(args) : undefined
            return wrapped.has(args.path + (args.suffix ?? '')) ? result : undefined
          }),
      })
    },
  }
}

export type { Options } from './options.ts'
export { otel as 'module.exports' }

/** Marks what we ask esbuild ourselves. */
const PASS = Symbol.for('unplugin-otel')

function readFacts(options: BuildOptions): BundlerFacts {
  const root = normalize(options.absWorkingDir ?? process.cwd())
  const platform = options.platform ?? 'browser'
  const { entryPoints = [] } = options
  const entries = Array.isArray(entryPoints)
    ? entryPoints.map((entry) => (typeof entry === 'string' ? entry : entry.in))
    : Object.values(entryPoints)
  return {
    name: 'esbuild',
    root,
    platform,
    // https://esbuild.github.io/api/#format
    format:
      options.format ??
      (options.bundle ? ({ browser: 'iife', node: 'cjs', neutral: 'esm' } as const)[platform] : undefined),
    topLevelAwait: canAwait(options),
    appends: false,
    conditions: options.conditions ?? [],
    entries: entries.map((entry) => normalize(toAbsolute(root, entry))),
    plugins: (options.plugins ?? []).map(({ name }) => name),
    files: {},
  }
}

/** https://esbuild.github.io/content-types/#javascript */
function canAwait({ target = [], supported }: BuildOptions): boolean {
  return supported?.['top-level-await'] ?? allowsTopLevelAwait([target].flat())
}

/** Not for a loader that has something else of the file, nor for `import text from './handler.ts' with { type: 'text' }`. */
function isCode({ path, with: attributes }: OnLoadArgs, { loader }: BuildOptions): boolean {
  return attributes?.['type'] === undefined && /^([jt]sx?|default)$/.test(loader?.[extname(path)] ?? 'default')
}

/**
 * What esbuild prints of a warning at the end depends on who builds: `context()` does, `build()` puts it into its result
 * alone, where nobody looks. So it is printed here, or returned where nothing is to be printed.
 */
async function finish(
  { report }: Pipeline,
  { esbuild, initialOptions }: PluginBuild,
  isNews: News,
): Promise<OnEndResult> {
  const { logLevel, color = process.stderr.isTTY } = initialOptions
  const isSilent = logLevel === 'silent' || logLevel === 'error'
  const warnings: PartialMessage[] = []
  const errors: PartialMessage[] = []
  const finished = report.finish()
  const isNew = isNews(finished)
  tell(finished, {
    // stdout belongs to the user.
    info: (text) => (isSilent || logLevel === 'warning' || !isNew ? undefined : onStderr(text)),
    warn: (text) => warnings.push({ text, pluginName: 'unplugin-otel' }),
    fail: (text) => errors.push({ text }),
  })
  if (isSilent) return { warnings, errors }
  const printed = isNew ? await esbuild.formatMessages(warnings, { kind: 'warning', color }) : []
  if (printed.length > 0) process.stderr.write(printed.join(''))
  return { errors }
}
