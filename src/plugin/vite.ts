/** Vite's configuration → the facts of the pipeline, one for each environment that runs on a server. */
import { createVitePlugin } from 'unplugin'
import type { Environment, Plugin } from 'vite'
import { toText } from './report/diagnostic.ts'
import { isRuntime, RESOLVED } from './entry.ts'
import { ANY_CODE, toFilter } from './id-filter.ts'
import { hooks } from './index.ts'
import { createNews, type News } from './report/news.ts'
import { clientChunks } from './report/output-check.ts'
import { CAUGHT } from './installers.ts'
import { areKnown } from './known-entries.ts'
import type { Options } from './options.ts'
import { resolveOptions } from './resolve-options.ts'
import { chunksOf } from './rollup-output.ts'
import { readEntries, readFacts } from './vite-facts.ts'
import { appendFooter, ASKED, askedBy, serve, withoutOurs, type Served } from './rollup-like.ts'

/**
 * The plugin for Vite 6 and newer, with and without `@cloudflare/vite-plugin`. Environments of browsers
 * are left alone.
 * @throws {PluginError} for options that cannot be meant
 * @example
 * ```ts
 * import { cloudflare } from '@cloudflare/vite-plugin'
 * import otel from 'unplugin-otel/vite'
 * import { defineConfig } from 'vite'
 *
 * export default defineConfig({ plugins: [otel(), cloudflare()] })
 * ```
 */
export default function otel(options?: Options): Plugin {
  // A server that is restarted has other environments, and a build that is watched the same ones. Builds that run side
  // by side have environments of one name.
  const known = new WeakMap<Environment, Served>()
  const latest = new Map<string, Known>()
  const begin = (environment: Environment): Served => {
    const { name, logger, mode } = environment
    const voice = {
      info: (text: string) => logger.info(text),
      warn: (text: string) => logger.warn(text),
      fail: (text: string) => logger.error(text),
    }
    const isNews = latest.get(name)?.isNews ?? createNews()
    const entries = readEntries(environment)
    const served = serve(options, readFacts(environment), entries, voice, mode === 'dev', isNews)
    known.set(environment, served)
    latest.set(name, { served, isNews })
    hasServer = true
    return served
  }
  const find = (context: unknown): Served | undefined => {
    const { environment } = context as { environment: Environment }
    const served = known.get(environment) ?? begin(environment)
    return served.pipeline.options.enabled ? served : undefined
  }
  const forClients = createClientPlugin(options)
  const shared = hooks(find)
  // Environments share the filter, and it is read with the first module of each.
  const filters = new Map<Environment, RegExp>()
  const vite: Partial<Plugin> = {
    applyToEnvironment: ({ config }) =>
      config.consumer === 'server' || Boolean(config.build.lib) || (config.command === 'build' && forClients),
    async buildStart({ input }) {
      if (this.meta.watchMode && this.environment.mode === 'build') begin(this.environment)
      const served = find(this)
      for (const id of Object.values(input)) served?.add((await this.resolve(id))?.id)
    },
    resolveId: {
      order: 'pre',
      filter: { id: [CAUGHT, USER_ENTRY, ASYNC_HOOKS] },
      async handler(source, importer, resolving) {
        const served = find(this)
        if (ASYNC_HOOKS.test(source)) return isRuntime(importer) ? { id: source, external: true } : undefined
        if (USER_ENTRY.test(source)) {
          const resolved = await this.resolve(source, importer, { ...resolving, skipSelf: true })
          served?.add(resolved?.id)
          return resolved
        }
        const name = this.environment.mode === 'dev' ? source.replace(EDGE_RUNTIME, '$&-dev') : source
        const found = resolving.custom?.[ASKED] ? undefined : served?.redirects.resolve(name, importer, resolving)
        if (!found) return undefined
        // Resolved once more, so that in dev our file gets the very id that a relative import of it has.
        if ('file' in found) return this.resolve(found.file, importer, { ...resolving, skipSelf: true })
        return this.resolve(source, found.as.importer, askedBy(found.as.how))
      },
    },
    // Vite runs what imports a changed module again, but as it was: names that an entry re-exports may be others now.
    hotUpdate({ modules }) {
      const { moduleGraph } = this.environment
      for (const importer of modules.flatMap(({ importers }) => [...importers])) {
        if (find(this)?.pipeline.includes(importer.id ?? '')) moduleGraph.invalidateModule(importer)
      }
    },
    options(input) {
      const { external } = input
      const environment = (this as { environment?: Environment }).environment
      if (environment?.mode === 'build' && !this.meta.watchMode) {
        const { root, resolve } = environment.getTopLevelConfig()
        const inputs = [input.input ?? []].flatMap((each) => (typeof each === 'string' ? each : Object.values(each)))
        const isKnown = areKnown(
          inputs,
          root,
          input.plugins,
          resolve.alias.map((alias) => alias.find),
        )
        const { pipeline } = known.get(environment) ?? begin(environment)
        filters.set(environment, isKnown || !pipeline.options.enabled ? toFilter(pipeline) : ANY_CODE)
        shared.transform.filter.id = [...filters.values()]
      }
      if (!external || !resolveOptions(options, process.env).enabled) return null
      // The environments are made later.
      const isOurs = (source: string, importer: string | undefined) =>
        RESOLVED.test(source) || [...latest.values()].some(({ served }) => served.redirects.isOurs(source, importer))
      return { ...input, external: withoutOurs(external as never, isOurs) as never }
    },
    generateBundle: {
      order: 'post',
      handler(output, bundle) {
        const served = find(this)
        if (!served) return
        appendFooter(served.pipeline, output.format, bundle)
        served.check(output, bundle, { fail: (text) => this.error(text) })
      },
    },
    buildEnd(error) {
      filters.delete(this.environment)
      if (!error) find(this)?.say({ fail: (text) => this.error(text) })
    },
  }
  return createVitePlugin(() => ({ ...shared, vite }))(undefined) as Plugin
}

export type { Options } from './options.ts'
export { otel as 'module.exports' }

interface Known {
  readonly served: Served
  /** What was said of it stays said. */
  readonly isNews: News
}

/** Frameworks load their configuration again for each of their builds. */
let hasServer = false

/** Nothing is wrapped for browsers: whoever builds nothing else is told. */
function createClientPlugin(options: Options | undefined): Plugin {
  let isSaid = false
  return {
    name: 'unplugin-otel:client',
    buildEnd(error) {
      const { enabled, report } = resolveOptions(options, process.env)
      if (error || isSaid || hasServer || !enabled || report === false) return
      isSaid = true
      const fact = `vite builds the ${this.environment.name} environment for browsers: nothing in it is wrapped`
      const remedy = 'Handlers are wrapped in builds for servers: vite build --ssr src/handler.ts'
      this.environment.logger.info(toText({ code: 'UO103', severity: 'note', fact, remedy }))
    },
    generateBundle: {
      order: 'post',
      handler(_output, bundle) {
        const { enabled, strict } = resolveOptions(options, process.env)
        const text = enabled ? clientChunks(chunksOf(bundle)).map(toText).join('\n') : ''
        if (text && strict) this.error(text)
        else if (text) this.environment.logger.warn(text)
      },
    },
  }
}

/** What `@cloudflare/vite-plugin` imports in the place of the module that the user's configuration names. */
const USER_ENTRY = /^virtual:cloudflare\/user-entry$/
const ASYNC_HOOKS = /^node:async_hooks$/
const EDGE_RUNTIME = /^unplugin-otel\/runtime\/edge$/
