/** Invocations that make no span, nor do their handlers. */
import { context, type Attributes, type Span } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { aroundKinds } from './around.ts'
import { ownerOf } from './invocation.ts'
import type { Setup } from './provider.ts'
import { quietly } from './quietly.ts'
import { slot } from './slot.ts'

/** As its root would be. */
export interface Described {
  readonly name: string
  readonly attributes: Attributes
}

export function ignoreStarts(setup: Setup, isIgnored: (described: Described) => boolean): Setup {
  /** By their arguments. */
  const calls = new WeakSet<object>()
  /** Of a framework, which has made them before its handler is called. */
  const roots = new WeakMap<Span, boolean>()

  /** Also what has no handler of ours: pages. */
  const isWanted = (span: ReadableSpan) => {
    const { root, adopted } = ownerOf(span) ?? {}
    if (!root || !adopted) return true
    const known = roots.get(root) ?? isIgnored(root as unknown as ReadableSpan)
    // While it runs, its route may come.
    if (known || (root as unknown as ReadableSpan).ended) roots.set(root, known)
    return !known
  }

  const around = aroundKinds(setup, (kind) => ({
    ...kind,
    start(call, outer) {
      const start = kind.start(call, outer)
      // What a framework knows of the path may be more.
      const root = outer?.adopted ? (outer.root as unknown as ReadableSpan) : undefined
      if (!start || !(isIgnored(start) || (root && isIgnored(root)))) return start
      calls.add(call.args)
      slot.warm = true
      if (outer?.adopted) roots.set(outer.root, true)
      return undefined
    },
    // Its own spans would begin a trace.
    skip(handler, self, args) {
      let end: { readonly value: unknown } | { readonly error: unknown } | undefined
      const run = kind.skip ?? Reflect.apply
      const handle = () => {
        try {
          end ??= { value: run(handler, self, args) }
        } catch (error) {
          end = { error }
        }
      }
      // The context manager may be the user's own, and fail before, or after.
      if (calls.has(args)) quietly(() => context.with(suppressTracing(context.active()), handle))
      if (!end) handle()
      if ('error' in end!) throw end.error
      return end!.value
    },
  }))
  return {
    ...around,
    observe(exporter) {
      setup.observe?.(exporter)
      if (!setup.host.framework) return
      const { send, flush } = exporter
      exporter.send = (spans, ...rest) => send(spans.filter(isWanted), ...rest)
      exporter.flush = (spans, ...rest) => flush(spans.filter(isWanted), ...rest)
    },
  }
}
