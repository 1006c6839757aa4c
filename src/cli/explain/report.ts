/** An analysis → what is printed, as data. */
import { relative } from 'pathe'
import type { Diagnostic } from '../../plugin/report/diagnostic.ts'
import type { ExplainReport, FlushReport, PluginReport, SignalReport } from '../../plugin/explain-report.ts'
import { findFlushPrimitive } from '../../plugin/flush-primitives.ts'
import type { Pipeline } from '../../plugin/index.ts'
import type { Project } from '../../plugin/project.ts'
import type { AnalysedModule, Analysis } from './analysis.ts'
import { explainBatching } from './batching.ts'
import { readBytes } from './bytes.ts'
import { explainEndpoint } from './endpoint.ts'
import { missingPlugin } from './missing-plugin.ts'
import type { WrittenOptions } from './options.ts'
import type { Root } from './root.ts'

export function toExplainReport(
  { pipeline, report, entries, modules }: Analysis,
  root: Root,
  given: WrittenOptions,
  env: Project['env'],
): ExplainReport {
  const { project, options: resolved } = pipeline
  const encoding = resolved.protocol === 'http/protobuf' ? 'protobuf' : 'json'
  const { options } = given
  const plugin = toPluginReport(root, given)
  const bundler = root.configuration?.bundler
  return {
    ...report,
    bundler: bundler ?? 'none',
    diagnostics: plugin.found ? report.diagnostics : withoutPlugin(report.diagnostics, root, project),
    entries: entries.map((file) => relative(project.root, file)),
    plugin,
    signals: toSignals(pipeline),
    flush: modules.flatMap((module) => toFlushReport(module, pipeline)),
    batching: modules[0] ? explainBatching(options, modules[0].host) : null,
    endpoint: explainEndpoint(env, resolved.protocol),
    bytes: modules.flatMap(({ platform, target }) => readBytes(platform.id, target, encoding) ?? []),
  }
}

/** It explains whatever else would be a warning of a build; what is to be known about modules stays. */
function withoutPlugin(diagnostics: readonly Diagnostic[], { configuration }: Root, project: Project): Diagnostic[] {
  const others = diagnostics.filter(({ severity }) => severity !== 'warning')
  return [missingPlugin(configuration, project), ...others]
}

function toPluginReport({ folder, configuration }: Root, { options, computed }: WrittenOptions): PluginReport {
  if (!configuration) return { found: false, options, computed }
  const { bundler, file, plugin } = configuration
  return {
    found: plugin !== undefined,
    ...(plugin && { file: relative(folder, plugin.file) }),
    bundler,
    configuration: relative(folder, file),
    options,
    computed,
  }
}

function toSignals({ build, options }: Pipeline): SignalReport[] {
  return build.detected.map(({ platform, signal, because }, at) => ({
    signal,
    because,
    platform: platform.id,
    won: at === 0 && options.platform === 'auto' && build.platform === platform,
  }))
}

function toFlushReport({ host, target, register }: AnalysedModule, { options }: Pipeline): FlushReport[] {
  const { budgetMs = 1000, marginMs = 500, mode = 'auto' } = options.runtime.flush ?? {}
  const found = findFlushPrimitive(host, { mode, target, register })
  if (!found) return []
  const { when, primitive, otherwise = null, hasDeadline } = found
  return [
    {
      host,
      target,
      when,
      primitive,
      callersWait: when === 'before',
      otherwise,
      budgetMs,
      marginMs: hasDeadline ? marginMs : null,
    },
  ]
}
