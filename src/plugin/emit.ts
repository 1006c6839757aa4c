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

/** The parts that the wrapper is composed of; `emit` writes one import or require. */
export function imports(facts: TransformFacts, emit: (names: string[], source: string) => string): string[] {
  const runtime = 'unplugin-otel/runtime'
  const kinds = [...new Set(Object.values(facts.kinds))]
  return [
    emit(['instrument as __otel', 'setup as __otel_setup'], `${runtime}/${facts.target}`),
    emit(
      kinds.map((kind) => `${kind} as __otel_${kind}`),
      `${runtime}/${facts.platform}`,
    ),
    emit(
      ['host as __otel_host', ...(facts.register ? ['register as __otel_register'] : [])],
      `${runtime}/hosts/${facts.host}`,
    ),
    emit([`${facts.context} as __otel_context`], `${runtime}/context/${facts.context}`),
    emit(['encoding as __otel_encoding'], `${runtime}/encoding/${facts.encoding}`),
  ]
}

export function setupStatement(facts: TransformFacts): string {
  return `const __otel_s = /* @__PURE__ */ __otel_setup(${JSON.stringify(facts.options)}, __otel_host, __otel_context, __otel_encoding)`
}

export function meta(facts: TransformFacts, name: string, line: number): string {
  return JSON.stringify({ file: facts.path, name, line })
}
