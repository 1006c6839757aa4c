/** What every emitted module has in common, whichever module system it is written in. */
import type { RuntimeOptions } from '../contract.ts'
import type { Context, Place } from './define-platform.ts'
import type { FeatureFacts } from './features.ts'
import type { Inside } from './inside.ts'
import type { Position } from './position.ts'
import type { Shape } from './shapes.ts'

/** JSON, so that it can travel through a loader. */
export interface TransformFacts {
  /** Path for `HandlerMeta` and messages, relative to the project root. */
  readonly path: string
  /** Exported name → the kind that wraps it. */
  readonly kinds: Readonly<Record<string, string>>
  /** Exported name → where in it the handler may stand. */
  readonly inside?: Readonly<Record<string, readonly Place[]>>
  /** Kind → what the platform's runtime half wraps it with, lists of handlers included. Default: `instrument`. */
  readonly wrappers?: Readonly<Record<string, string>>
  /** Set where handlers are members of what the module exports. */
  readonly members?: MemberFacts
  /** Exported functions that the platform calls for other reasons: no near-misses. */
  readonly notHandlers?: readonly string[]
  /** Set where handlers are registered by a call. */
  readonly installers?: readonly InstallerFacts[]
  readonly platform: string
  readonly host: string
  readonly target: 'edge' | 'node'
  readonly encoding: 'json' | 'protobuf'
  readonly context: Context
  readonly options: RuntimeOptions
  /** What options ask for beside what every function has, in the order in which they change the setup. */
  readonly features?: readonly FeatureFacts[]
  /** Specifier of the module of functions that features are given: `otel.config.ts`. */
  readonly config?: string
  /** How a default export is written. */
  readonly defaultAs: 'specifier' | 'statement'
  /**
   * Lambda: register the extension at the end of the module; `awaited` where the output can await, `exported` where
   * nobody can tell: emit-then.ts.
   */
  readonly register: 'awaited' | 'started' | 'exported' | false
}

/** See `Installer`. */
export interface InstallerFacts {
  readonly file: string
  readonly registrar: string
  readonly kinds: readonly string[]
  /** Whether it only takes effect once a module imports what it stands in for. */
  readonly redirects: boolean
  readonly entries?: 'without-exports'
  readonly context?: Context
}

/** Member → kind. */
export type MemberKinds = Readonly<Record<string, string>>

export interface MemberFacts {
  /** Of an exported object. */
  readonly objects: MemberKinds
  /** Of a class, `*` for every other method. */
  readonly classes: MemberKinds
  /** Exported names to look at. Default: all that may have members. */
  readonly names?: readonly string[]
  /** Exported names that are classes, whatever the source shows. */
  readonly classNames: readonly string[]
  /** The platform's own base classes: why a class that extends one is left, or nothing. */
  readonly bases: Readonly<Record<string, string>>
}

export interface WrappedHandler extends Position {
  readonly name: string
  /** The kind, or for members their keys. */
  readonly kind: string
  /** Set where `name` registers handlers: they are wrapped if a module imports it. */
  readonly redirects?: boolean
}

/** One export to wrap; `id` is the wrapper's name in the emitted module. */
export type Wrap = WrappedHandler & {
  readonly shape: Shape
  readonly id: string
  readonly members?: WrappedMembers
  /** Set where the export stays, and a part of it is wrapped. */
  readonly inside?: Inside
}

/** What the wrapped export may turn out to be, and the kinds of its members then. */
export interface WrappedMembers {
  readonly objects: MemberKinds
  readonly classes: MemberKinds
  /** It may be a function as well, of this kind. */
  readonly itself?: string
}

/** What the emitters share. */
export interface Emission extends TransformFacts {
  /** What every added name begins with; the user's code does not contain it. */
  readonly prefix: string
  /** Those of this module. */
  readonly installers: readonly InstallerFacts[]
}

/** The parts that the wrappers are composed of; `emit` writes one import or require. */
export function imports(
  emission: Emission,
  wraps: readonly Wrap[],
  emit: (names: string[], source: string) => string,
): string[] {
  const { prefix, target, platform, host, context, encoding, register, installers, features = [], config } = emission
  const runtime = 'unplugin-otel/runtime'
  const kinds = new Set<string>()
  for (const { kind, members } of wraps) {
    if (!members) {
      kinds.add(kind)
      const own = emission.wrappers?.[kind]
      if (own) kinds.add(own)
    }
    // All that it may be itself is the kind of a member, too.
    else for (const map of [members.objects, members.classes]) for (const key of Object.keys(map)) kinds.add(map[key]!)
  }
  const wrappers = [
    ...(wraps.some(({ kind, members }) => (members ? members.itself : !emission.wrappers?.[kind]))
      ? [`instrument as ${prefix}`]
      : []),
    ...(wraps.some(({ members }) => members) ? [`instrumentMembers as ${prefix}_members`] : []),
  ]
  return [
    // First, so that it is there before the user's modules register anything.
    ...installers.map(({ file }, n) => emit([`install as ${prefix}_install${n}`], `${runtime}/installers/${file}`)),
    emit([...wrappers, `setup as ${prefix}_setup`], `${runtime}/${target}`),
    ...(kinds.size > 0
      ? [
          emit(
            Array.from(kinds, (kind) => `${kind} as ${prefix}_${kind}`),
            `${runtime}/${platform}`,
          ),
        ]
      : []),
    emit(
      [`host as ${prefix}_host`, ...(register ? [`register as ${prefix}_register`] : [])],
      `${runtime}/hosts/${host}`,
    ),
    emit([`${context} as ${prefix}_context`], `${runtime}/context/${context}`),
    emit([`encoding as ${prefix}_encoding`], `${runtime}/encoding/${encoding}`),
    ...features.map(({ file, name }, n) => emit([`${name} as ${prefix}_feature${n}`], `${runtime}/features/${file}`)),
    ...(config && features.some((feature) => feature.config) ? [emit([`default as ${prefix}_config`], config)] : []),
  ]
}

/** A path may have any character. */
export function quote(specifier: string): string {
  return `'${specifier.replace(/['\\]/g, '\\$&')}'`
}

export function setupStatement(
  { prefix, options, features = [] }: Emission,
  declare: 'const' | 'var' = 'const',
): string {
  const parts = [JSON.stringify(options), `${prefix}_host`, `${prefix}_context`, `${prefix}_encoding`]
  const setup = `/* @__PURE__ */ ${prefix}_setup(${parts.join(', ')})`
  const whole = features.reduce((inner, { config, argument }, n) => {
    const given = [inner, ...(config ? [`${prefix}_config`] : [])]
    if (argument !== undefined) given.push(JSON.stringify(argument))
    return `/* @__PURE__ */ ${prefix}_feature${n}(${given.join(', ')})`
  }, setup)
  return `${declare} ${prefix}_s = ${whole}`
}

export function installCalls({ prefix, installers }: Emission): string[] {
  return installers.map((_, n) => `${prefix}_install${n}(${prefix}_s)`)
}

export function wrapCall(emission: Emission, wrap: Wrap, value: string): string {
  const { open, close } = wrapParts(emission, wrap)
  return open + value + close
}

/** What stands before the value, and after it. */
export function wrapParts(
  { prefix, path, wrappers }: Emission,
  { kind, name, line, members }: Wrap,
): { open: string; close: string } {
  const close = `, ${JSON.stringify({ file: path, name, line })}, ${prefix}_s)`
  if (!members) {
    const own = wrappers?.[kind]
    return { open: `${prefix}${own ? `_${own}` : ''}(${prefix}_${kind}, `, close }
  }
  const toMap = (kinds: MemberKinds) =>
    `{ ${Object.entries(kinds)
      .map(([key, kind]) => `${JSON.stringify(key)}: ${prefix}_${kind}`)
      .join(', ')} }`
  const open = `${prefix}_members(${toMap(members.objects)}, ${toMap(members.classes)}, `
  // Each gives back what is not its own.
  return members.itself
    ? { open: `${prefix}(${prefix}_${members.itself}, ${open}`, close: close + close }
    : { open, close }
}

export function registerCall({ prefix }: Emission, wraps: readonly WrappedHandler[]): string {
  return `${prefix}_register(${prefix}_s, ${JSON.stringify(wraps.map(({ name }) => name))})`
}
