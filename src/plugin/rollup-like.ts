/** What Rollup and its heirs (Rolldown, Vite) have in common. */
import { createPipeline, type Pipeline } from './index.ts'
import { createRedirects, type Redirects } from './installers.ts'
import { lambdaFooter } from './lambda-footer.ts'
import { createNews } from './report/news.ts'
import type { Options } from './options.ts'
import type { BundlerFacts } from './project.ts'
import { chunksOf } from './rollup-output.ts'
import { silence, tell, type Voice } from './report/voice.ts'

/** One build, or one environment of a build. */
export interface Served extends Pick<Pipeline, 'transform'> {
  readonly pipeline: Pipeline
  readonly redirects: Redirects<Asking>
  /** An entry, as the bundler resolved it. */
  add(entry: string | undefined): void
  /** Looks at a finished output, and prints what it shows: the report has been printed. */
  check(output: Output, bundle: Readonly<Record<string, unknown>>, voice?: Partial<Voice>): void
  /** Prints the report, if it has changed. @param voice what is said of each build there, changed or not */
  say(voice?: Partial<Voice>): void
}

/**
 * @param entries grows while the bundler tells its entries
 * @param isDev the report is said with the first module, because there is no end
 * @param isNews outlives a build that is watched
 */
export function serve(
  options: Options | undefined,
  facts: BundlerFacts,
  entries: string[],
  voice: Voice,
  isDev = false,
  isNews = createNews(),
): Served {
  const pipeline = createPipeline(options, { ...facts, entries })
  let hasSpoken = false
  const seen = new Set<string>()
  const served: Served = {
    pipeline,
    redirects: createRedirects(pipeline),
    async transform(code, id, importing) {
      // What @rollup/plugin-commonjs puts before an entry: that is transformed itself.
      if (id.endsWith('?commonjs-entry')) return undefined
      const output = await pipeline.transform(code, id, importing)
      if (isDev && pipeline.includes(id)) seen.add(id.replace(/\?.*$/, ''))
      // Before that, a module without handlers may just be loaded before the one that has them.
      if (isDev && (output || hasSpoken || (seen.size > 0 && seen.size >= entries.length))) served.say()
      return output
    },
    add(entry) {
      const file = entry?.startsWith('\0') ? undefined : entry?.replace(/\?.*$/, '')
      if (file && !entries.includes(file)) entries.push(file)
    },
    check({ dir, file, format }, bundle, own) {
      const name = [dir, file, format].join()
      const found = pipeline.check(chunksOf(bundle, pipeline.build.entries), name)
      const isNew = isNews({ facts: found }, name)
      if (found.length > 0) tell(pipeline.report.finishOutput(found), { ...(isNew ? voice : silence), ...own })
    },
    say(own) {
      const finished = pipeline.report.finish()
      hasSpoken = true
      tell(finished, { ...(isNews(finished) ? voice : silence), ...own })
    },
  }
  return served
}

type IsExternal = (source: string, importer: string | undefined, isResolved: boolean) => unknown
type External = IsExternal | string | RegExp | readonly (string | RegExp)[]

/** What the user keeps outside, but for us: nothing of ours needs to be in `node_modules` at run time. */
export function withoutOurs(external: External, isOurs: Redirects<object>['isOurs']): IsExternal {
  const isListed: IsExternal = (source) =>
    [external].flat().some((item) => (item instanceof RegExp ? item.test(source) : item === source))
  const isExternal = typeof external === 'function' ? external : isListed
  return (source, importer, isResolved) => !isOurs(source, importer) && isExternal(source, importer, isResolved)
}

/** What a resolve is asked with, beside the specifier and its importer. */
export interface Asking {
  readonly custom?: Readonly<Record<string, unknown>>
}

/** Marks what we ask ourselves, so that another copy of the plugin leaves it alone. */
export const ASKED = 'unplugin-otel'

export function askedBy(how: Asking): Asking & { readonly skipSelf: true } {
  return { ...how, custom: { ...how.custom, [ASKED]: true }, skipSelf: true }
}

export interface Output {
  readonly dir?: string | undefined
  readonly file?: string | undefined
  readonly format: string
}

interface Chunk {
  readonly type: string
  readonly isEntry?: boolean
  code?: string
}

/** After everything that may take a dead assignment away. */
export function appendFooter(pipeline: Pipeline, format: string, bundle: Readonly<Record<string, unknown>>): void {
  const footer = pipeline.report.mayHaveWrapped() ? lambdaFooter(pipeline, format) : undefined
  for (const file of footer ? (Object.values(bundle) as Chunk[]) : []) {
    // Another instance of the plugin may have been here.
    if (file.type === 'chunk' && file.isEntry && !file.code?.endsWith(footer!)) file.code = (file.code ?? '') + footer
  }
}
