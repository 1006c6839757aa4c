/** Requests that make no span: `ignore`. */
import { context, type Attributes, type Span } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { aroundKinds } from '../around.ts'
import { ownerOf } from '../invocation.ts'
import type { Setup } from '../provider.ts'
import { quietly } from '../quietly.ts'
import { slot } from '../slot.ts'

/** @param source of a regular expression, for paths and routes */
export function ignoreRequests(setup: Setup, source: string): Setup {
  const pattern = new RegExp(source)
  /** By their arguments. */
  const calls = new WeakSet<object>()
  /** Of a framework, which has made them before its handler is called. */
  const roots = new WeakSet<Span>()
  const isIgnored = (attributes: Attributes | undefined) =>
    ['url.path', 'http.route'].some((name) => pattern.test(String(attributes?.[name] ?? '')))

  /** Also what has no handler of ours: pages. */
  const isWanted = (span: ReadableSpan) => {
    const owner = ownerOf(span)
    const { root, adopted } = owner ?? {}
    return !adopted || !(roots.has(root!) || isIgnored((root as unknown as ReadableSpan).attributes))
  }

  const around = aroundKinds(setup, (kind) => ({
    ...kind,
    start(call, outer) {
      const start = kind.start(call, outer)
      const root = outer?.adopted ? (outer.root as unknown as ReadableSpan) : undefined
      if (!isIgnored(start?.attributes) && !isIgnored(root?.attributes)) return start
      calls.add(call.args)
      slot.warm = true
      if (outer?.adopted) roots.add(outer.root)
      return undefined
    },
    // Its own spans would begin a trace.
    skip(handler, self, args) {
      let end: { readonly value: unknown } | { readonly error: unknown } | undefined
      const handle = () => {
        try {
          end ??= { value: Reflect.apply(handler, self, args) }
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
