/** The pipeline on one screen: options → project → build → handlers → transform → report. */
import { createDebug } from 'obug'
import type { UnpluginOptions } from 'unplugin'
import { isForBrowsers, resolveBuild, type Build } from './build.ts'
import type { Diagnostic } from './report/diagnostic.ts'
import { CLIENT_MODULE, handOverClient } from './aws-sdk.ts'
import { attempt } from './report/attempt.ts'
import { sayDisabled } from './report/disabled.ts'
import { findBundled, isEmitted } from './emitted.ts'
import { checkConfigFile, findConfigFile, toSpecifier } from './config-file.ts'
import { toFacts } from './facts.ts'
import { createFilter, type Filter } from './id-filter.ts'
import { createImporting } from './importing.ts'
import { resolveLibraries } from './libraries.ts'
import { notesOn } from './report/notes.ts'
import { toFile } from './module-id.ts'
import type { Options } from './options.ts'
import { resolveOptions, type ResolvedOptions } from './resolve-options.ts'
import { checkOutput, type OutputChunk } from './report/output-check.ts'
import { readProject, type BundlerFacts, type Project } from './project.ts'
import type { Importing } from './module-graph.ts'
import { createReport, type Report } from './report/report.ts'
import { findServiceVersion } from './service-version.ts'
import type { TransformResult } from './transform.ts'
import { transformOrLeave } from './transform-or-leave.ts'

export type { Options } from './options.ts'
export type { PlatformId } from './known-platforms.ts'
export type { BuildReport, ReportedHandler } from './report/report.ts'
export type { ExplainReport } from './explain-report.ts'
export type { Diagnostic } from './report/diagnostic.ts'
export type { BuildCode } from './report/codes.ts'

const debugLog = createDebug('unplugin-otel')

/** Everything one build of one bundler needs. Adapters make one from their own configuration. */
export interface Pipeline {
  readonly options: ResolvedOptions
  readonly project: Project
  readonly build: Build
  readonly report: Report
  includes(id: string): boolean
  /**
   * Has the report say what a finished output shows, in the place of what it did before.
   * @param output its name, of a bundler that writes several of one build
   * @returns what it shows
   */
  check(chunks: readonly OutputChunk[], output?: string): readonly Diagnostic[]
  /** @param importing the bundler's own resolution, to follow `export * from` */
  transform(code: string, id: string, importing: Importing | undefined): Promise<TransformResult['output']>
}

/** @throws {PluginError} for options that cannot be meant */
export function createPipeline(
  input: Options | undefined,
  bundler: BundlerFacts,
  env: Project['env'] = process.env,
): Pipeline {
  const given = resolveOptions(input, env)
  const project = readProject(bundler, env)
  const options = withLibraries(withVersion(given, project), project, input)
  if (options.enabled) checkConfigFile(options, project)
  const build = resolveBuild(options, project)
  const report = createReport(build, options, project)
  const checked = new Map<string, Diagnostic[]>()
  sayDisabled(options)
  const isAws = build.target === 'node' && build.platform?.id !== 'nextjs' && options.libraries.includes('aws-sdk')
  const isClient = (id: string) => isAws && CLIENT_MODULE.test(id)
  const log = (text: string) => (options.debug ? console.error(`[unplugin-otel] ${text}`) : debugLog(text))
  return {
    options,
    project,
    build,
    report,
    includes: (id) => options.enabled && (isClient(id) || build.of(id) !== undefined),
    check(chunks, output = '') {
      const isBrowsers = build.platform === undefined && isForBrowsers(project)
      const targetOf = (id: string) => {
        const module = build.of(id)
        return module && report.isWrapped(module.path) ? module.target : undefined
      }
      const found = attempt(() => checkOutput(chunks, { targetOf, isForBrowsers: isBrowsers })) ?? []
      checked.set(output, found)
      report.output([...checked.values()].flat())
      return found
    },
    async transform(code, id, importing) {
      if (options.enabled && isClient(id)) return handOverClient(code, id)
      const module = options.enabled ? build.of(id) : undefined
      // Rspack has one loader for two plugins of a name: what it has wrapped, it is given again.
      if (!module) return undefined
      if (isEmitted(code) && findBundled(code) === undefined) return void report.leave(module.path)
      const config = findConfigFile(module, options, project, importing?.watchMissing)
      if (config) importing?.watch(config.file)
      const specifier = config && toSpecifier(config, toFile(id)!, module.file)
      const facts = toFacts(module, build, options, project, config && { ...config, specifier: specifier! })
      const { output, ...result } = await transformOrLeave(code, facts, module.file, bundler, importing)
      const notes = output ? [...notesOn(module, facts, options), ...(result.notes ?? [])] : []
      report.add(module.path, { ...result, notes, ...(output && config && { config }) }, code)
      log(`${module.path}: ${result.wrapped.length} wrapped, ${result.nearMisses.length} left`)
      for (const { line, column, name, why } of result.nearMisses)
        log(`${module.path}:${line}:${column} ${name}: ${why}`)
      return output
    },
  }
}

/** One that is said goes with the rest of the resource. */
function withVersion(options: ResolvedOptions, project: Project): ResolvedOptions {
  const version = options.runtime.resource?.['service.version'] ? undefined : findServiceVersion(project)
  return version ? { ...options, runtime: { ...options.runtime, version } } : options
}

/** 'auto' asks the project. */
function withLibraries(options: ResolvedOptions, { dependencies }: Project, input: Options = {}): ResolvedOptions {
  const isAuto = (input.libraries ?? 'auto') === 'auto'
  return { ...options, libraries: resolveLibraries(options.libraries, isAuto, dependencies) }
}

type Hooks = UnpluginOptions & { readonly transform: { filter: Filter } }

/** The hooks that every bundler of the unplugin family shares; `find` gives the pipeline of a hook's `this`. */
export function hooks(find: (context: unknown) => Pick<Pipeline, 'transform'> | undefined): Hooks {
  return {
    name: 'unplugin-otel',
    enforce: 'pre',
    transform: {
      filter: createFilter(),
      handler(code, id) {
        return find(this)?.transform(code, id, createImporting(this))
      },
    },
  }
}
