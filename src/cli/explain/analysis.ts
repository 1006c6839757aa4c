/** The pipeline of a build over the modules on the disk: it finds and says the same, and writes nothing. */
import { join } from 'pathe'
import type { Target } from '../../contract.ts'
import type { Module } from '../../plugin/build.ts'
import { toFacts } from '../../plugin/facts.ts'
import { readText } from '../../plugin/files.ts'
import { relativeResolve } from '../../plugin/importing.ts'
import { createPipeline, type Options, type Pipeline } from '../../plugin/index.ts'
import { PAGE_EXTENSIONS } from '../../plugin/platforms/nextjs.ts'
import type { Project } from '../../plugin/project.ts'
import type { BuildReport } from '../../plugin/report/report.ts'
import { nextFacts, targetOf } from '../../plugin/turbopack.ts'
import { literals, readBundlerFacts } from './bundler-facts.ts'
import { findEntries, guessEntries, namesFiles } from './entries.ts'
import { importsAny } from './imports.ts'
import type { Root } from './root.ts'

export interface Analysis {
  readonly pipeline: Pipeline
  readonly report: BuildReport
  /** Absolute paths of the modules that were read. */
  readonly entries: readonly string[]
  /** One for each target that has handlers; where nothing is wrapped, what would be. */
  readonly modules: readonly AnalysedModule[]
}

export interface AnalysedModule extends Module {
  readonly register: ReturnType<typeof toFacts>['register']
}

/**
 * @param entries absolute; none: what the platform names, else the usual ones
 * @throws {PluginError} for options that cannot be meant
 */
export async function analyse(
  given: Options,
  root: Root,
  entries: readonly string[],
  env: Project['env'],
): Promise<Analysis> {
  // What a test runner, or `enabled`, turns off is not what was asked for.
  const options: Options = { ...given, enabled: true }
  const isNext = root.configuration?.bundler === 'next'
  const create = isNext ? createForNext(options, root, env) : createFor(options, root, entries, env)
  const files = entries.length > 0 ? entries.filter(create.main.includes) : findEntries(create.main)
  const used = new Map<Pipeline, Module[]>([[create.main, []]])
  for (const file of files) {
    const code = (readText(file) ?? '').replace(/^\uFEFF/, '')
    const pipeline = create.of(code, file)
    await pipeline.transform(code, file, { resolve: relativeResolve, watch: () => {} })
    if (importsAny(file, code, registrarsOf(pipeline))) pipeline.report.redirect()
    used.set(pipeline, [...(used.get(pipeline) ?? []), pipeline.build.of(file)!])
  }
  return toAnalysis(used, files)
}

/** What handlers are registered with, as modules import it. */
function registrarsOf({ build: { platform } }: Pipeline): ReadonlySet<string> {
  return new Set(Object.values(platform?.installers ?? {}).flatMap(({ redirects = {} }) => Object.keys(redirects)))
}

interface Created {
  readonly main: Pipeline
  of(code: string, file: string): Pipeline
}

function createFor(options: Options, root: Root, entries: readonly string[], env: Project['env']): Created {
  const build = (files: readonly string[]) => createPipeline(options, readBundlerFacts(root, files), env)
  let main = build(entries)
  if (entries.length === 0 && !namesFiles(main) && findEntries(main).length === 0) {
    main = build(guessEntries(main.project))
  }
  return { main, of: () => main }
}

/** Next builds for both of its runtimes. */
function createForNext(options: Options, { folder, configuration }: Root, env: Project['env']): Created {
  const own = literals(configuration!.text, 'pageExtensions')
  const pageExtensions = own.length > 0 ? own : PAGE_EXTENSIONS
  const build = (target: Target) => createPipeline(options, nextFacts(folder, target, { pageExtensions }), env)
  const [main, edge] = [build('node'), build('edge')]
  return { main, of: (code, file) => (targetOf(code, file) === 'edge' ? edge : main) }
}

function toAnalysis(used: ReadonlyMap<Pipeline, readonly Module[]>, entries: readonly string[]): Analysis {
  const all = Array.from(used, ([pipeline, modules]) => ({ pipeline, modules, report: pipeline.report.finish().facts }))
  const wrapped = all.filter(({ report }) => report.handlers.length > 0)
  const shown = wrapped.length > 0 ? wrapped : all.slice(0, 1)
  const { pipeline, report } = shown[0]!
  return {
    pipeline,
    report: { ...report, ...joined(shown.map((each) => each.report)) },
    entries,
    modules: shown.flatMap((each) => modulesOf(each.pipeline, each.modules, each.report)),
  }
}

function joined(reports: readonly BuildReport[]): Pick<BuildReport, 'handlers' | 'configs' | 'diagnostics'> {
  const diagnostics = new Map(reports.flatMap((each) => each.diagnostics).map((each) => [JSON.stringify(each), each]))
  const configs = new Map(reports.flatMap((each) => each.configs).map((each) => [each.path, each]))
  return {
    handlers: reports.flatMap(({ handlers }) => handlers),
    configs: [...configs.values()],
    diagnostics: [...diagnostics.values()],
  }
}

function modulesOf(pipeline: Pipeline, read: readonly Module[], report: BuildReport): AnalysedModule[] {
  const { build, options, project } = pipeline
  const { platform, target } = build
  if (!platform || !target) return []
  const paths = new Set(report.handlers.map(({ path }) => path))
  const own = read.filter(({ path }) => paths.has(path))
  const host = platform.hosts[target] ?? Object.values(platform.hosts)[0]!
  const { format, topLevelAwait } = project.bundler
  const path = 'handler.ts'
  const assumed: Module = { file: join(project.root, path), path, platform, host, target, format, topLevelAwait }
  const byTarget = new Map((own.length > 0 ? own : [assumed]).map((module) => [module.target, module]))
  // Of a module that would register, UO116 says only that it cannot: it is CommonJS, or has a `then` of its own.
  const isWaitedFor = report.diagnostics.some(({ code }) => code === 'UO116')
  return Array.from(byTarget.values(), (module) => ({
    ...module,
    register: !isWaitedFor && toFacts(module, build, options, project).register,
  }))
}
