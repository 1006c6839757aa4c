/** What the build did, said once: platform and why, each handler, and each diagnostic with what to do. */
import { attempt } from './attempt.ts'
import { isSameModule, type Build } from '../build.ts'
import type { ConfigFile } from '../config-file.ts'
import { diagnoseProject } from './diagnose.ts'
import { diagnoseNothing } from './diagnose-nothing.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { WrappedHandler } from '../emit.ts'
import { diagnoseNearMisses, diagnoseObsolete, diagnoseUnused } from './module-diagnostics.ts'
import { namesByPath } from '../obsolete/reach.ts'
import type { Note } from './notes.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
import type { Project } from '../project.ts'
import { toProblem, toSummary } from './report-text.ts'
import type { TransformResult } from '../transform.ts'

/** What a build did, as data. `report: 'json'` prints it in a line. */
export interface BuildReport {
  /** Of this format: fields are added, but not taken away without another number. */
  readonly version: 1
  readonly bundler: string
  /** Null: none was found. */
  readonly platform: string | null
  readonly target: 'edge' | 'node' | null
  /** What decided. */
  readonly because: string
  /** How spans find their parents, where the platform decides: `stack` is up to the first `await`. */
  readonly context: { readonly kind: 'als' | 'global' | 'stack'; readonly because: string } | null
  readonly handlers: readonly ReportedHandler[]
  /** The modules of functions (`otel.config.ts`) that wrapped modules import. */
  readonly configs: readonly ReportedConfig[]
  /** Warnings first, then near-misses, then notes. */
  readonly diagnostics: readonly Diagnostic[]
  /** A persistent cache of the bundler has entries as an earlier build wrapped them. */
  readonly isRestCached: boolean
}

export interface ReportedHandler {
  readonly path: string
  /** 1-based; the column in UTF-16 code units. */
  readonly line: number
  readonly column: number
  /** The exported name, or what registers handlers. */
  readonly name: string
  /** What it is wrapped as; of an object or a class the members. */
  readonly kind: string
}

export interface ReportedConfig {
  readonly path: string
  /** Null: only running it would tell, so that whatever it may have is bundled. */
  readonly keys: readonly string[] | null
}

export interface Report {
  add(path: string, result: Omit<Added, 'code'>, code: string): void
  /** Another instance of the plugin has wrapped it, and says so. */
  leave(path: string): void
  /** Of a build that is watched, where modules that it no longer has are not told. */
  keep(has: (path: string) => boolean): void
  /** A module imports what registers handlers, but the bundler cannot write what stands in for it. */
  lose(cause: Pick<Diagnostic, 'fact' | 'remedy'>): void
  /** What the finished output shows, in the place of what an earlier one did. */
  output(diagnostics: readonly Diagnostic[]): void
  /** A module imports what an installer stands in for. */
  redirect(): void
  /** @param path of a module, as it was added */
  isWrapped(path: string): boolean
  /** Whether the output needs what goes with wrapped handlers. */
  mayHaveWrapped(mayBeCached?: boolean): boolean
  /** @param mayBeCached entries that were not read may have been wrapped by an earlier build */
  finish(mayBeCached?: boolean): Finished
  /** After `finish`. @param found what a finished output shows, which alone is said, but for the data: that is whole */
  finishOutput(found: readonly Diagnostic[]): Finished
}

export interface Finished {
  readonly facts: BuildReport
  /** For the bundler's log; undefined where nothing is to be said, or `problem` says it. */
  readonly info: string | undefined
  /** A warning, or with `strict` an error. */
  readonly problem: string | undefined
  readonly isError: boolean
}

type Added = Omit<TransformResult, 'output'> & { readonly code: string; readonly config?: ConfigFile }

export function createReport(build: Build, options: ResolvedOptions, project: Project): Report {
  // By file: a watch build reports a module again.
  const modules = new Map<string, Added>()
  const leftToOthers = new Set<string>()
  const lost = new Map<string, Diagnostic>()
  let ofOutput: readonly Diagnostic[] = []
  let isRedirected = false
  let obsolete: readonly Diagnostic[] | undefined
  // What is not in the build may be again, from the bundler's memory: then nobody tells of it.
  let isIn = (_path: string) => true
  const isCached = (mayBeCached: boolean) =>
    mayBeCached && build.platform !== undefined && modules.size < build.entries.length
  const isJson = options.report === 'json'
  const isProblem = ({ severity }: Diagnostic) => severity === 'warning' || (options.strict && severity === 'near-miss')
  const isUsed = ({ redirects }: WrappedHandler) => !redirects || isRedirected

  function gather(isRestCached: boolean): BuildReport {
    const { platform, target, because, context } = build
    const all = Array.from(modules).filter(([path]) => isIn(path))
    const handlers = all.flatMap(([path, { wrapped }]) =>
      wrapped.filter(isUsed).map(({ name, kind, line, column }) => ({ path, line, column, name, kind })),
    )
    const ofModules = all.flatMap(([path, added]) => [
      ...added.wrapped.filter((each) => !isUsed(each) && lost.size === 0).map((each) => diagnoseUnused(path, each)),
      ...diagnoseNearMisses(path, added.nearMisses, added.code, added.wrapped.some(isUsed)),
    ])
    const toNote = (note: Note): Diagnostic => ({ code: 'UO116', severity: 'note', ...note })
    const notes = new Map(all.flatMap(([, added]) => (added.notes ?? []).map((note) => [note.fact, toNote(note)])))
    const found = [...ofModules, ...lost.values(), ...diagnoseProject(build, project), ...ofOutput, ...notes.values()]
    // Until a module is another one.
    if (handlers.length > 0) obsolete ??= attempt(() => diagnoseObsolete(project, namesByPath(handlers))) ?? []
    found.push(...(obsolete ?? []))
    const isNothing = handlers.length === 0 && leftToOthers.size === 0 && !isRestCached
    const diagnostics = isNothing ? diagnoseNothing(found, build, options, project) : found
    return {
      version: 1,
      bundler: project.bundler.name,
      platform: platform?.id ?? null,
      target: target ?? null,
      because,
      context: context ? { kind: context.context, because: context.because } : null,
      handlers,
      configs: toConfigs(all.map(([, added]) => added)),
      diagnostics: diagnostics.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)),
      isRestCached,
    }
  }

  return {
    add(path, result, code) {
      obsolete = undefined
      modules.set(path, { ...result, code })
    },
    leave(path) {
      if (!modules.has(path)) leftToOthers.add(path)
    },
    keep(has) {
      isIn = has
    },
    lose(cause) {
      lost.set(cause.fact, { code: 'UO118', severity: 'near-miss', ...cause })
    },
    output(diagnostics) {
      ofOutput = diagnostics
    },
    redirect() {
      isRedirected = true
    },
    isWrapped(path) {
      // A bundler may tell its entries without their extensions.
      const same = modules.has(path) ? path : [...modules.keys()].find((each) => isSameModule(each, path))
      return same !== undefined && modules.get(same)!.wrapped.some(isUsed)
    },
    mayHaveWrapped(mayBeCached = false) {
      return (
        isCached(mayBeCached) || Array.from(modules).some(([path, { wrapped }]) => wrapped.length > 0 && isIn(path))
      )
    },
    finish(mayBeCached = false) {
      const facts = gather(isCached(mayBeCached))
      const problems = facts.diagnostics.filter(isProblem)
      const isVerbose = options.report === 'verbose'
      const summary = toSummary(facts, problems, isVerbose ? build.detected : undefined)
      const isLeft = leftToOthers.size > 0 && facts.handlers.length === 0
      const isSilent = options.report === false || problems.length > 0 || isLeft
      return {
        facts,
        info: isJson ? JSON.stringify(facts) : isSilent ? undefined : summary,
        problem: problems.length > 0 ? toProblem(problems, isJson ? undefined : summary) : undefined,
        isError: options.strict && problems.length > 0,
      }
    },
    finishOutput(found) {
      const facts = gather(false)
      const problems = found.filter(isProblem)
      const isSilent = options.report === false || problems.length > 0
      return {
        facts,
        info: isJson ? JSON.stringify(facts) : isSilent ? undefined : toProblem(found, undefined),
        problem: problems.length > 0 ? toProblem(isJson ? problems : found, undefined) : undefined,
        isError: options.strict && problems.length > 0,
      }
    },
  }
}

function toConfigs(modules: readonly Pick<Added, 'config'>[]): ReportedConfig[] {
  const configs = new Map(modules.flatMap(({ config }) => (config ? [[config.path, config]] : [])))
  return Array.from(configs.values(), ({ path, keys = null }) => ({ path, keys }))
}

const SEVERITIES: readonly Diagnostic['severity'][] = ['warning', 'near-miss', 'note']
