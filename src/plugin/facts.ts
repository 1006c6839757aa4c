/** What the transform is told about a module: plain JSON, so that it can travel through a loader. */
import { optionNames, type Build, type Module } from './build.ts'
import type { TransformFacts } from './emit.ts'
import type { ResolvedOptions } from './options.ts'
import type { Project } from './project.ts'

export function toFacts(module: Module, build: Build, options: ResolvedOptions, project: Project): TransformFacts {
  const { platform } = module
  const names = optionNames(module, options)
  const kinds: Record<string, string> = {}
  const objects: Record<string, string> = {}
  const classes: Record<string, string> = {}
  for (const [kind, rule] of Object.entries(platform.handlers)) {
    if (rule.form === 'export') for (const name of names ?? rule.names(module.file, project)) kinds[name] = kind
    else {
      for (const key of rule.keys) classes[key] = kind
      if (rule.of === 'any') for (const key of rule.keys) objects[key] = kind
    }
  }
  const hasMembers = Object.keys(classes).length > 0
  return {
    path: module.path,
    kinds,
    ...(hasMembers && {
      members: {
        objects,
        classes,
        ...(names && { names }),
        classNames: platform.classes?.(project) ?? [],
        bases: platform.bases ?? {},
      },
    }),
    platform: platform.id,
    host: module.host,
    target: module.target,
    encoding: options.protocol === 'http/protobuf' ? 'protobuf' : 'json',
    context: build.context?.context ?? 'als',
    options: options.runtime,
    register: registration(module, options),
  }
}

/** CommonJS output starts the registration; its footer makes the runtime client wait for it. */
function registration(
  { host, format, topLevelAwait }: Module,
  { runtime: { flush } }: ResolvedOptions,
): TransformFacts['register'] {
  const isAuto = (flush?.mode ?? 'auto') === 'auto'
  if (host !== 'aws-lambda' || !isAuto) return false
  if (format === 'cjs') return 'started'
  return format === 'esm' && topLevelAwait ? 'awaited' : false
}
