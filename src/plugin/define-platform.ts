/** What a platform's build-time half answers, and the rules it is written in. */
import type { KindsOf, Target } from '../contract.ts'
import type { Project } from './project.ts'

/** Finds handlers of one kind among a module's exports. */
export type Rule = ExportRule | MemberRule | RegisteredRule

export interface ExportRule {
  readonly form: 'export'
  /** The exported names that are handlers in `file` (absolute). */
  names(file: string, project: Project): readonly string[]
  /** Looked for first. An export that has the handler in none of them is wrapped as a whole. */
  readonly inside: readonly Place[]
  /** What the platform's runtime half wraps with, instead of `instrument`: it takes a list of handlers, too. */
  readonly wrapper?: string
}

/**
 * Where in what is exported the handler stands. It is wrapped there, for tools that read the syntax of the output
 * before they deploy it: names, literals and calls stay as they are written.
 */
export type Place =
  /** `export default { fetch() {}, config: {} }` */
  | { readonly form: 'property'; readonly key: string }
  /** `export const handler = schedule('@daily', handle)`; `functions`: name in the package → position of the argument. */
  | { readonly form: 'argument'; readonly source: string; readonly functions: Readonly<Record<string, number>> }

/** Handlers that are members of what an entry exports. */
export interface MemberRule {
  readonly form: 'member'
  readonly keys: readonly string[]
  /** `any`: of an exported object or class; `class`: of a class only, where `*` stands for every other method. */
  readonly of: 'any' | 'class'
}

/** Handlers that are given to a function, and not exported: an installer wraps them. */
export interface RegisteredRule {
  readonly form: 'registered'
}

/** Sees to handlers that are registered by a call. It is a file of this name in `runtime/installers/`. */
export interface Installer {
  /** What handlers are registered with, for the report: a package, or a global function. */
  readonly registrar: string
  /** Packages that its files import: they are resolved as if the user's module did. It is for projects that have them. */
  readonly imports?: readonly string[]
  /** What the user's modules import → the file in `runtime/installers/` that they get instead. */
  readonly redirects?: Readonly<Record<string, string>>
  /** Which entries it is for. Default: all. */
  readonly entries?: 'without-exports'
  /** Where not that of the platform: what cannot import has no AsyncLocalStorage. */
  readonly context?: Context
}

export interface Platform<Id extends string = string> {
  readonly id: Id
  /** The vendor's page on handlers. */
  readonly docs: string
  /** The targets it runs on, the usual one first, and the file in `runtime/hosts/` that freezes it there. */
  readonly hosts: Readonly<Partial<Record<Target, string>>>
  /** Why the project is deployed there, or undefined. Pure: an object literal is enough to test it. */
  detect(project: Project): Detection | undefined
  readonly handlers: Readonly<Record<string, Rule>>
  /**
   * Where the kinds are below `unplugin-otel/runtime/`, if not at the id: that has `wrapHandler`, too, and so the hosts of
   * all targets, of which Turbopack leaves none out. Default: the id.
   */
  readonly kinds?: string
  /** By the name of their file; each entry module imports them before anything else. */
  readonly installers?: Readonly<Record<string, Installer>>
  /** The target of a module, where one build has several. Default: the build's. */
  target?(file: string, project: Project): Target | undefined
  /** Modules that the platform's own configuration names as entries, absolute. Default: the bundler's entries alone. */
  entries?(project: Project): readonly string[]
  /** Exported names that the platform's configuration gives a class that it instantiates. */
  classes?(project: Project): readonly string[]
  /** Names of exported functions that it calls without an event, to configure something: left, and not worth a word. */
  readonly notHandlers?: readonly string[]
  /** Its own base classes: why a class that extends one is left alone, or nothing. */
  readonly bases?: Readonly<Record<string, string>>
  /** How spans find their parent after an `await`. Default: AsyncLocalStorage. */
  context?(project: Project): { readonly context: Context; readonly because: string } | undefined
}

/** Files in `runtime/context/`. */
export type Context = 'als' | 'global' | 'stack'

/** Strongest first; ranks of `reference/platforms.md` §1. `server`: it listens, which says little of where it runs. */
export type Signal = 'bundler' | 'file' | 'dependency' | 'ci' | 'server'

export interface Detection {
  readonly signal: Signal
  /** `template.yaml`, `@types/aws-lambda in package.json`: completes the sentence "because of …". */
  readonly because: string
  /** A dependency that functions import. */
  readonly isSdk?: true
}

/**
 * By what a project depends on.
 * @param sdks what functions import: nothing else has a use for it
 * @param tools command lines and types: a project may have them of several platforms
 */
export function detectDependency(
  { dependencies }: Project,
  sdks: readonly string[],
  tools: readonly string[] = [],
): Detection | undefined {
  const sdk = sdks.find((name) => dependencies.has(name))
  const found = sdk ?? tools.find((name) => dependencies.has(name))
  if (found === undefined) return undefined
  return { signal: 'dependency', because: `${found} in package.json`, ...(sdk !== undefined && { isSdk: true }) }
}

/** `Runtime` is the type of the runtime half: each kind that it exports must have a rule, and no other. */
export function definePlatform<Runtime>() {
  return <const Id extends string>(
    platform: Omit<Platform<Id>, 'handlers'> & { readonly handlers: Record<KindsOf<Runtime>, Rule> },
  ): Platform<Id> => platform
}

export function exported(names: ExportRule['names'], ...inside: Place[]): ExportRule {
  return { form: 'export', names, inside }
}

/** @param wrapper what the runtime half wraps with */
export function exportedLists(names: ExportRule['names'], wrapper: string): ExportRule {
  return { form: 'export', names, inside: [], wrapper }
}

export function property(key: string): Place {
  return { form: 'property', key }
}

export function call(source: string, functions: Readonly<Record<string, number>>): Place {
  return { form: 'argument', source, functions }
}

export function members(...keys: string[]): MemberRule {
  return { form: 'member', keys, of: 'any' }
}

export function methods(...keys: string[]): MemberRule {
  return { form: 'member', keys, of: 'class' }
}

export function registered(): RegisteredRule {
  return { form: 'registered' }
}
