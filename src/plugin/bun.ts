/** The plugin for Bun's bundler, which runs in Bun. */
import { readFileSync } from 'node:fs'
import { basename, dirname, matchesGlob, normalize } from 'pathe'
import { createBunPlugin } from 'unplugin'
import { toAbsolute } from './build.ts'
import { toFilter } from './id-filter.ts'
import { createPipeline, hooks } from './index.ts'
import { createRedirects } from './installers.ts'
import { lambdaFooter } from './lambda-footer.ts'
import { loaderOf } from './loader-of.ts'
import type { Options } from './options.ts'
import type { OutputChunk } from './report/output-check.ts'
import type { BundlerFacts } from './project.ts'
import { onStderr, tell } from './report/voice.ts'

// As much of `Bun.BuildConfig` as is used here: https://bun.com/docs/bundler
interface BuildConfig {
  readonly entrypoints: readonly string[]
  readonly root?: string
  readonly target?: 'browser' | 'bun' | 'node'
  readonly format?: 'esm' | 'cjs' | 'iife'
  readonly conditions?: string | readonly string[]
  readonly external?: readonly string[]
  readonly packages?: 'bundle' | 'external'
  readonly plugins?: readonly { readonly name: string }[]
  footer?: string
}
interface BuildArtifact {
  readonly path: string
  readonly kind: 'entry-point' | 'chunk' | 'asset' | 'sourcemap' | 'bytecode'
  text(): Promise<string>
}
declare const Bun: { resolveSync(specifier: string, folder: string): string }
interface PluginBuilder {
  readonly config: BuildConfig
  onResolve(
    filter: { filter: RegExp },
    resolve: (args: { path: string; importer: string }) => { path: string; external?: boolean } | undefined,
  ): void
  onLoad(filter: { filter: RegExp; namespace?: string }, load: (args: never) => unknown): void
  onEnd(run: (result: { readonly success: boolean; readonly outputs: readonly BuildArtifact[] }) => Promise<void>): void
}
interface BunPlugin {
  readonly name: string
  setup(build: never): void | Promise<void>
}

/**
 * Put it first in `plugins`: it reads the source as it was written.
 * @throws {PluginError} for options that cannot be meant
 * @example
 * ```ts
 * import otel from 'unplugin-otel/bun'
 *
 * await Bun.build({ entrypoints: ['src/handler.ts'], target: 'node', outdir: 'dist', plugins: [otel()] })
 * ```
 */
export default function otel(options?: Options): BunPlugin {
  return {
    name: 'unplugin-otel',
    setup(build) {
      const { config, onResolve, onLoad, onEnd } = bound(build)
      const pipeline = createPipeline(options, readFacts(config))
      if (!pipeline.options.enabled) return undefined
      const redirects = createRedirects(pipeline, (specifier, file) => {
        const lost = isLost(file, specifier, config)
        if (lost)
          pipeline.report.lose({
            fact: `${specifier} is external, and Bun cannot wrap that in ES modules`,
            remedy: "Set format to 'cjs'.",
          })
        return lost
      })
      onResolve({ filter: redirects.caught }, ({ path, importer }) => {
        const found = redirects.resolve(path, importer, undefined)
        if (!found) return undefined
        if ('file' in found) return { path: found.file }
        if (isExternal(path, config)) return { path, external: true }
        return { path: Bun.resolveSync(path, dirname(found.as.importer)) }
      })
      const { format } = pipeline.project.bundler
      const footer = format === 'cjs' ? lambdaFooter(pipeline, format) : undefined
      // The user's own object, which may be built with more than once.
      if (footer && !config.footer?.endsWith(footer)) config.footer = (config.footer ?? '') + footer
      onEnd(async ({ success, outputs }) => {
        // Of what cannot be built, Bun has said enough.
        if (!success) return
        pipeline.check(await readOutput(outputs, pipeline.project.bundler.entries))
        tell(pipeline.report.finish(), { info: onStderr, warn: onStderr, fail })
      })
      return createBunPlugin(() => ({
        ...hooks(() => pipeline),
        transformInclude: (id) => pipeline.includes(id),
        bun: { loader: (_code: string, id: string) => loaderOf(id, 'jsx') },
      }))(undefined).setup({
        ...bound(build),
        // unplugin would ask about every file.
        onLoad: (filter, load) => onLoad({ ...filter, filter: toFilter(pipeline) }, load),
      } satisfies PluginBuilder as never)
    },
  }
}

export type { Options } from './options.ts'
export { otel as 'module.exports' }

/** In ES modules Bun writes `export *` of what is external as a name that it never declares: the handlers stay raw. */
function isLost(file: string, specifier: string, config: BuildConfig): boolean {
  if (config.format === 'cjs' || !isExternal(specifier, config)) return false
  return readFileSync(file, 'utf8').includes('export * from')
}

/** https://bun.com/docs/bundler#external */
function isExternal(specifier: string, { packages, external = [] }: BuildConfig): boolean {
  return (
    packages === 'external' || external.some((name) => matchesGlob(specifier, name) || specifier.startsWith(`${name}/`))
  )
}

/** Bun tells neither which entry an output is of nor what it imports: one entry is known. */
async function readOutput(outputs: readonly BuildArtifact[], entries: readonly string[]): Promise<OutputChunk[]> {
  const code = outputs.filter(({ kind }) => kind === 'entry-point' || kind === 'chunk')
  const isAlone = entries.length === 1
  return Promise.all(
    code.map(async (artifact) => {
      const isEntry = isAlone && artifact.kind === 'entry-point'
      const imports = code.length > 1 ? undefined : []
      return { file: basename(artifact.path), code: await artifact.text(), isEntry, entries, imports }
    }),
  )
}

/** Bun fails a build for what a plugin throws. */
function fail(text: string): never {
  throw new Error(text)
}

/** Its methods are used alone. */
function bound(build: PluginBuilder): PluginBuilder {
  return {
    config: build.config,
    onResolve: build.onResolve.bind(build),
    onLoad: build.onLoad.bind(build),
    onEnd: build.onEnd.bind(build),
  }
}

function readFacts({ entrypoints, root, target = 'browser', format, conditions, plugins }: BuildConfig): BundlerFacts {
  const folder = normalize(toAbsolute(normalize(process.cwd()), root ?? '.'))
  return {
    name: 'bun',
    root: folder,
    platform: target === 'browser' ? 'browser' : 'node',
    format: format ?? 'esm',
    topLevelAwait: true,
    appends: false,
    conditions: [conditions ?? []].flat(),
    entries: entrypoints.map((entry) => normalize(toAbsolute(folder, entry))),
    plugins: (plugins ?? []).map(({ name }) => name),
    files: {},
  }
}
