/** What the transform is told about a module: plain JSON, so that it can travel through a loader. */
import { optionNames, type Build, type Module } from './build.ts'
import { findConfigFeatures } from './config-features.ts'
import type { ConfigFile } from './config-file.ts'
import type { Place, Platform } from './define-platform.ts'
import type { InstallerFacts, TransformFacts } from './emit.ts'
import { findFeatures } from './features.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import type { BundlerFacts, Project } from './project.ts'

/** @param config the module of functions, if there is one for this module, and how it is imported */
export function toFacts(
  module: Module,
  build: Build,
  options: ResolvedOptions,
  project: Project,
  config?: ConfigFile & { readonly specifier: string },
): TransformFacts {
  const { platform } = module
  const names = optionNames(module, options)
  const kinds: Record<string, string> = {}
  const wrappers: Record<string, string> = {}
  const objects: Record<string, string> = {}
  const classes: Record<string, string> = {}
  const inside: Record<string, readonly Place[]> = {}
  const features = findFeatures(options, module, config && findConfigFeatures(config, platform.id))
  for (const [kind, rule] of Object.entries(platform.handlers)) {
    if (rule.form === 'export') {
      const own = rule.names(module.file, project)
      if (own.length > 0 && rule.wrapper) wrappers[kind] = rule.wrapper
      // Lists are exports of some modules only: in others, what is named by the user is something else.
      for (const name of own.length === 0 && rule.wrapper ? [] : (names ?? own)) {
        // What is named by the user is of the kind that the platform gives that name, or else of its first.
        if (Object.hasOwn(kinds, name) && !own.includes(name)) continue
        kinds[name] = kind
        inside[name] = rule.inside
      }
    } else if (rule.form === 'member') {
      for (const key of rule.keys) classes[key] = kind
      if (rule.of === 'any') for (const key of rule.keys) objects[key] = kind
    }
  }
  // Where exports are handlers themselves, their members are not.
  const hasMembers = Object.keys(kinds).length === 0 && Object.keys(classes).length > 0
  return {
    path: module.path,
    kinds,
    ...(Object.values(inside).some(({ length }) => length > 0) && { inside }),
    ...(Object.keys(wrappers).length > 0 && { wrappers }),
    ...(hasMembers && {
      members: {
        objects,
        classes,
        ...(names && { names }),
        classNames: platform.classes?.(project) ?? [],
        bases: platform.bases ?? {},
      },
    }),
    ...(platform.notHandlers && { notHandlers: platform.notHandlers }),
    ...(platform.installers && { installers: installersOf(platform, project, Object.keys(kinds).length > 0) }),
    platform: platform.kinds ?? platform.id,
    host: module.host,
    target: module.target,
    encoding: options.protocol === 'http/protobuf' ? 'protobuf' : 'json',
    context: build.context?.context ?? 'als',
    options: options.runtime,
    ...(features.length > 0 && { features }),
    ...(config && { config: config.specifier }),
    // Farm makes `var default` of `export { x as default }`. https://github.com/farm-fe/farm/issues/2131
    defaultAs: project.bundler.name === 'farm' ? 'statement' : 'specifier',
    register: registration(module, options, project.bundler),
  }
}

/** @param exports whether handlers are exports of the module: then one that has none is none of a script's */
function installersOf(
  { installers = {}, handlers }: Platform,
  { dependencies }: Project,
  exports: boolean,
): InstallerFacts[] {
  const kinds = Object.keys(handlers).filter((kind) => handlers[kind]!.form === 'registered')
  const due = Object.entries(installers).filter(
    ([, { entries, imports = [] }]) => (!entries || !exports) && imports.every((name) => dependencies.has(name)),
  )
  return due.map(([file, { registrar, redirects, entries, context }]) => ({
    file,
    registrar,
    kinds,
    redirects: redirects !== undefined,
    ...(entries && { entries }),
    ...(context && { context }),
  }))
}

/** Whether functions there keep their environment awake by an extension. */
export function registers(host: string | undefined, { runtime: { flush } }: ResolvedOptions): boolean {
  return host === 'aws-lambda' && (flush?.mode ?? 'auto') === 'auto'
}

/** Where the output gets a footer, that waits for a registration which the module only starts. */
function registration(
  { file, host, format, topLevelAwait }: Module,
  options: ResolvedOptions,
  { appends, isEither }: BundlerFacts,
): TransformFacts['register'] {
  if (!registers(host, options)) return false
  if (isEither) return 'exported'
  if (format === 'cjs') return 'started'
  if (format === 'iife' || !topLevelAwait) return false
  if (appends) return 'started'
  // Not every parser allows `await` there, whatever the module is made into.
  return format === 'esm' && !file.endsWith('.cts') ? 'awaited' : false
}
