/** What the emitted code composes, composed by hand: for deploy tools that take no plugin. */
import type { ContextManager } from '@opentelemetry/api'
import { available } from '../context/available.ts'
import { encoding } from '../encoding/json.ts'
import type { Call, HandlerMeta, RuntimeOptions } from '../../contract.ts'
import type { AnyKind } from '../instrument.ts'
import type { createSetup, Setup } from '../provider.ts'

/**
 * The plugin's options as they travel into a bundle; where spans go is said by the `OTEL_*` variables. Of several
 * handlers of a process, those of the one that is called first count.
 */
export interface WrapOptions extends RuntimeOptions {
  /** `code.function.name`, and where nothing else has one the span's name. Default: the function's own, else `handler` */
  readonly name?: string
  /** `code.file.path`: where it stands, relative to the project. Default: unset */
  readonly file?: string
  /**
   * How spans find their parent after an `await`: `als` of `unplugin-otel/runtime/context/als`, where the runtime can
   * import it, `stack` of `…/context/stack`. Default: AsyncLocalStorage where it is found without an import (Node 20.16,
   * Workers with `nodejs_compat`), else `stack`
   */
  readonly context?: () => ContextManager
  /** Modules of `unplugin-otel/runtime/features/`, the last one around the others. Default: none */
  readonly features?: readonly ((setup: Setup) => Setup)[]
}

export type Wrapped = (...args: never[]) => unknown

export function compose(
  setup: ReturnType<typeof createSetup>,
  host: Setup['host'],
  { name: _name, file: _file, context = available, features = [], ...options }: WrapOptions,
): Setup {
  let composed = setup(options, host, context, encoding)
  for (const feature of features) composed = feature(composed)
  return composed
}

/** Where it stands in the source only the build could tell. */
export function toMeta(handler: unknown, { name, file }: WrapOptions, otherwise = 'handler'): HandlerMeta {
  const own = typeof handler === 'function' ? handler.name : ''
  return { name: name ?? (own || otherwise), file } as HandlerMeta
}

/** A handler that is one of several kinds, which only its call tells. */
export function oneOf(pick: (call: Call) => unknown): AnyKind {
  const kindOf = pick as (call: unknown) => AnyKind
  return {
    start: (call, outer) => kindOf(call).start(call, outer),
    enter: (call, invocation) => kindOf(call).enter?.(call, invocation) ?? ((call as Call).args as never),
    leave: (end, call, invocation) => kindOf(call).leave?.(end, call, invocation),
  }
}
