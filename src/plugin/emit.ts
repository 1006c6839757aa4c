/** What every emitted module has in common, whichever module system it is written in. */
import type { RuntimeOptions } from '../contract.ts'
import type { Shape } from './handlers.ts'

/** JSON, so that it can travel through a loader. */
export interface TransformFacts {
  /** Path for `HandlerMeta` and messages, relative to the project root. */
  readonly path: string
  /** Exported name → the kind that wraps it. */
  readonly kinds: Readonly<Record<string, string>>
  readonly platform: string
  readonly host: string
  readonly target: 'edge' | 'node'
  readonly encoding: 'json' | 'protobuf'
  readonly context: 'als' | 'stack'
  readonly options: RuntimeOptions
  /** Lambda: register the extension at the end of the module; `awaited` where the output can await. */
  readonly register: 'awaited' | 'started' | false
}

export interface WrappedHandler {
  readonly name: string
  readonly kind: string
  /** 1-based. */
  readonly line: number
}

/** One export to wrap; `id` is the wrapper's name in the emitted module. */
export type Wrap = WrappedHandler & { readonly shape: Shape; readonly id: string }

/** What the emitters share. */
export interface Emission extends TransformFacts {
  /** What every added name begins with; the user's code does not contain it. */
  readonly prefix: string
}

/** @returns `__otel`, numbered when the user's code has such names */
export function choosePrefix(code: string): string {
  let prefix = '__otel'
  for (let n = 1; code.includes(prefix); n++) prefix = `__otel${n}`
  return prefix
}

/** Our own output, also from a second copy of the plugin, or a bundle of it. */
export function isEmitted(code: string): boolean {
  return /\b__otel\d*_s = \/\* @__PURE__ \*\/ /.test(code)
}

/** The parts that the wrapper is composed of; `emit` writes one import or require. */
export function imports(emission: Emission, emit: (names: string[], source: string) => string): string[] {
  const { prefix, target, platform, host, context, encoding, register } = emission
  const runtime = 'unplugin-otel/runtime'
  const kinds = [...new Set(Object.values(emission.kinds))]
  return [
    emit([`instrument as ${prefix}`, `setup as ${prefix}_setup`], `${runtime}/${target}`),
    emit(
      kinds.map((kind) => `${kind} as ${prefix}_${kind}`),
      `${runtime}/${platform}`,
    ),
    emit(
      [`host as ${prefix}_host`, ...(register ? [`register as ${prefix}_register`] : [])],
      `${runtime}/hosts/${host}`,
    ),
    emit([`${context} as ${prefix}_context`], `${runtime}/context/${context}`),
    emit([`encoding as ${prefix}_encoding`], `${runtime}/encoding/${encoding}`),
  ]
}

export function setupStatement({ prefix, options }: Emission): string {
  const parts = [JSON.stringify(options), `${prefix}_host`, `${prefix}_context`, `${prefix}_encoding`]
  return `const ${prefix}_s = /* @__PURE__ */ ${prefix}_setup(${parts.join(', ')})`
}

export function wrapCall({ prefix, path }: Emission, { kind, name, line }: WrappedHandler, value: string): string {
  return `${prefix}(${prefix}_${kind}, ${value}, ${JSON.stringify({ file: path, name, line })}, ${prefix}_s)`
}

export function registerCall({ prefix }: Emission, wraps: readonly WrappedHandler[]): string {
  return `${prefix}_register(${prefix}_s, ${JSON.stringify(wraps.map(({ name }) => name))})`
}
