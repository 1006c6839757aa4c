/** The pipeline on one screen: options → project → build → handlers → transform → report. */
import { createDebug } from 'obug'
import type { UnpluginOptions } from 'unplugin'
import type { TransformFacts } from './emit.ts'
import { optionNames, resolveBuild, type Build, type Module } from './build.ts'
import { notesOn } from './notes.ts'
import { resolveOptions, type Options, type ResolvedOptions } from './options.ts'
import { readProject, type BundlerFacts, type Project } from './project.ts'
import { createReport, type Report } from './report.ts'
import { transform, type TransformResult } from './transform.ts'

export type { Options } from './options.ts'
export type { PlatformId } from './registry.ts'

const debugLog = createDebug('unplugin-otel')

/** Everything one build of one bundler needs. Adapters make one from their own configuration. */
export interface Pipeline {
  readonly options: ResolvedOptions
  readonly project: Project
  readonly build: Build
  readonly report: Report
  includes(id: string): boolean
  transform(code: string, id: string): TransformResult['output']
}

/** @throws {PluginError} for options that cannot be meant */
export function createPipeline(
  input: Options | undefined,
  bundler: BundlerFacts,
  env: Project['env'] = process.env,
): Pipeline {
  const options = resolveOptions(input, env)
  const project = readProject(bundler, env)
  const build = resolveBuild(options, project)
  const report = createReport(build, bundler.entries)
  const log = (text: string) => (options.debug ? console.error(`[unplugin-otel] ${text}`) : debugLog(text))
  return {
    options,
    project,
    build,
    report,
    includes: (id) => options.enabled && build.of(id) !== undefined,
    transform(code, id) {
      const module = options.enabled ? build.of(id) : undefined
      if (!module) return undefined
      const facts = toFacts(module, options, project)
      const { output, wrapped, nearMisses } = transform(code, facts)
      report.add(module.path, wrapped, nearMisses)
      if (output) for (const note of notesOn(module, facts, options)) report.note(note)
      log(`${module.path}: ${wrapped.length} wrapped, ${nearMisses.length} left`)
      return output
    },
  }
}

function toFacts(module: Module, options: ResolvedOptions, project: Project): TransformFacts {
  const { platform } = module
  const kinds: Record<string, string> = {}
  for (const [kind, rule] of Object.entries(platform.handlers)) {
    for (const name of optionNames(module, options) ?? rule.names(module.file, project)) kinds[name] = kind
  }
  return {
    path: module.path,
    kinds,
    platform: platform.id,
    host: module.host,
    target: module.target,
    encoding: options.protocol === 'http/protobuf' ? 'protobuf' : 'json',
    context: 'als',
    options: options.runtime,
    register: registration(module, options),
  }
}

/** CommonJS output starts the registration; its footer makes the runtime client wait for it. */
function registration(
  { host, format, topLevelAwait }: Module,
  { runtime: { flush, batching } }: ResolvedOptions,
): TransformFacts['register'] {
  const isAuto = (flush?.mode ?? 'auto') === 'auto' && batching !== 'interval'
  if (host !== 'aws-lambda' || !isAuto) return false
  if (format === 'cjs') return 'started'
  return format === 'esm' && topLevelAwait ? 'awaited' : false
}

/** The hooks that every bundler of the unplugin family shares. */
export function hooks(pipeline: Pipeline): UnpluginOptions {
  return {
    name: 'unplugin-otel',
    transformInclude: (id) => pipeline.includes(id),
    transform: (code, id) => pipeline.transform(code, id),
  }
}
