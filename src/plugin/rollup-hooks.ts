/** The hooks of Rollup and Rolldown; Vite has its own, for its environments. */
import { normalize } from 'pathe'
import { isSameModule, toAbsolute } from './build.ts'
import { isRuntime } from './entry.ts'
import { ANY_CODE, createFilter, toFilter } from './id-filter.ts'
import { hooks } from './index.ts'
import { areKnown } from './known-entries.ts'
import type { BundlerFacts } from './project.ts'
import { CAUGHT } from './installers.ts'
import { createNews } from './report/news.ts'
import type { Options } from './options.ts'
import { onStderr } from './report/voice.ts'
import {
  appendFooter,
  ASKED,
  askedBy,
  serve,
  withoutOurs,
  type Asking,
  type Output,
  type Served,
} from './rollup-like.ts'

const ASYNC_HOOKS = /^node:async_hooks$/

// As much of both as is used here: their packages need not be installed.
interface InputOptions {
  external?: unknown
  input?: string | readonly string[] | Readonly<Record<string, string>>
  plugins?: unknown
  logLevel?: string
  /** Rolldown only. */
  platform?: BundlerFacts['platform']
  resolve?: { conditionNames?: readonly string[]; alias?: object; extensionAlias?: object }
  /** Rolldown only. @default `process.cwd()` */
  cwd?: string
}
interface Context {
  readonly meta: { readonly watchMode?: boolean }
  resolve(id: string, importer?: string, options?: object): Promise<{ id: string } | null>
  warn(text: string): void
  error(text: string): never
}

/**
 * Of one plugin instance. A build that is watched begins anew with `options` in Rollup, and with `buildStart` in
 * Rolldown, where builds that are not may share both.
 */
export function createRollupHooks(name: 'rollup' | 'rolldown', options: Options | undefined) {
  let served: Served | undefined
  let begin = () => {}
  let isBegun = false
  const isNews = createNews()
  // Builds may run side by side with one instance: what is asked about is what any of them needs.
  let running = 0
  let filters: RegExp[] = []
  let root = ''
  const shared = hooks(() => (served?.pipeline.options.enabled ? served : undefined))
  const native = {
    options(this: Pick<Context, 'meta'>, input: InputOptions): InputOptions {
      const quiet = input.logLevel === 'silent'
      // Neither bundler's log is sure to stay away from stdout.
      const info = (text: string) => (quiet ? undefined : onStderr(text))
      const voice = { info, warn: info, fail: info }
      const inputs = [input.input ?? []].flatMap((each) => (typeof each === 'string' ? each : Object.values(each)))
      root = normalize(input.cwd ?? process.cwd())
      const facts = readFacts(name, root, input)
      begin = () => {
        const entries = inputs.map((each) => toEntry(each, facts.root))
        served = serve(options, facts, entries, voice, false, isNews)
        isBegun = true
      }
      begin()
      native.resolveId.filter = { id: [served!.redirects.caught, ASYNC_HOOKS] }
      const aliases = Object.keys(input.resolve?.alias ?? {})
      const isPlain = name === 'rolldown' && !this.meta.watchMode && !input.resolve?.extensionAlias
      const isKnown = isPlain && areKnown(inputs, root, input.plugins, aliases)
      if (running++ === 0) filters = []
      filters.push(isKnown ? toFilter(served!.pipeline) : ANY_CODE)
      shared.transform.filter = createFilter([...filters])
      if (!input.external || !served!.pipeline.options.enabled) return input
      const isOurs: Served['redirects']['isOurs'] = (...asked) => served!.redirects.isOurs(...asked)
      return { ...input, external: withoutOurs(input.external as never, isOurs) }
    },
    async buildStart(this: Context, { input }: { input: readonly string[] | Readonly<Record<string, string>> }) {
      if (!isBegun && this.meta.watchMode) begin()
      isBegun = false
      for (const id of Object.values(input)) {
        // Known before it is resolved, too: @rollup/plugin-commonjs loads, and so transforms, what it resolves.
        const named = toEntry(id, root)
        served?.add(named)
        const file = (await this.resolve(id))?.id.replace(/\?.*$/, '')
        if (file && !isSameModule(normalize(file), named)) served?.add(file)
      }
      // Rollup reads it anew with every module; Rolldown has read it.
      if (served && running === 1) shared.transform.filter = createFilter(toFilter(served.pipeline))
    },
    resolveId: {
      order: 'pre' as const,
      filter: { id: [CAUGHT, ASYNC_HOOKS] },
      handler(this: Context, source: string, importer: string | undefined, how: Asking) {
        // It is not for every build that Node has it: of ours nobody is to be warned.
        if (ASYNC_HOOKS.test(source)) return isRuntime(importer) ? { id: source, external: true } : undefined
        if (how.custom?.[ASKED] || !served?.pipeline.options.enabled) return undefined
        const found = served.redirects.resolve(source, importer, how)
        if (!found) return undefined
        if ('file' in found) return found.file
        return this.resolve(source, found.as.importer, askedBy(found.as.how))
      },
    },
    // Rollup's `cache`, which watch mode has, too: an entry is wrapped by the options of this build, and reported.
    shouldTransformCachedModule: ({ id }: { id: string }) => served?.pipeline.build.of(id) !== undefined,
    generateBundle: {
      order: 'post' as const,
      handler(this: Context, output: Output, bundle: Readonly<Record<string, unknown>>) {
        if (!served?.pipeline.options.enabled) return
        appendFooter(served.pipeline, output.format, bundle)
        served.check(output, bundle, { warn: (text) => this.warn(text), fail: (text) => this.error(text) })
      },
    },
    buildEnd(this: Context, error?: Error) {
      running = Math.max(0, running - 1)
      if (error || !served?.pipeline.options.enabled) return
      served.say({ warn: (text) => this.warn(text), fail: (text) => this.error(text) })
    },
  }
  return { shared, native }
}

function toEntry(input: string, root: string): string {
  return normalize(toAbsolute(root, input))
}

function readFacts(
  name: 'rollup' | 'rolldown',
  root: string,
  { plugins, platform = 'node', resolve }: InputOptions,
): BundlerFacts {
  const named = [plugins].flat(Infinity) as ({ readonly name?: string } | null | undefined | false)[]
  return {
    name,
    root,
    platform,
    format: undefined,
    appends: true,
    // Rollup keeps what it is given; whoever lowers it afterwards knows the target.
    topLevelAwait: true,
    conditions: resolve?.conditionNames ?? [],
    entries: [],
    plugins: named.flatMap((plugin) => (plugin && plugin.name ? [plugin.name] : [])),
    files: {},
  }
}
