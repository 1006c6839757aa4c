/** `onStart` and `onEnd` of `otel.config.ts`: called around each invocation, with its root span. */
import type { Span } from '@opentelemetry/api'
import type { Call, Invocation, Kind } from '../../contract.ts'
import type { Config, Incoming } from '../define-config.ts'
import { inSpan } from '../in-span.ts'
import { toIncoming } from '../incoming.ts'
import type { AnyKind } from '../instrument.ts'
import type { Setup } from '../provider.ts'
import { attempt, createWait, listOf } from '../user-functions.ts'

type End = { readonly value: unknown } | { readonly error: unknown }
type OpaqueKind = Kind<unknown, readonly unknown[], unknown>

export function callHooks(setup: Setup, config: Config | undefined, platform: string): Setup {
  const starts = listOf(config, 'onStart')
  const ends = listOf(config, 'onEnd')
  if (starts.length + ends.length === 0) return setup
  const budgetMs = setup.options.flush?.budgetMs ?? 1000
  const [waitForStart, waitForEnd] = [createWait('onStart'), createWait('onEnd')]
  const wrapped = new WeakMap<AnyKind, AnyKind>()
  /** Of roots. Two handlers of a framework are called inside of one. */
  const how = new WeakMap<Span, End | undefined>()

  function begin(call: Call, invocation: Invocation): void {
    const { root } = invocation
    how.set(root, undefined)
    const incoming = toIncoming(call, platform)
    const isAwaited = invocation.keepAlive !== 'after'
    for (const start of starts) {
      const given = inSpan(root, () => attempt('onStart', () => start(root, incoming)))
      const waiting = waitForStart(given, budgetMs, isAwaited)
      if (waiting) invocation.hold(waiting)
    }
    if (ends.length > 0) observeEnd(root, incoming, invocation, isAwaited)
  }

  /** However it ends: after the handler, at a deadline, by the framework that made it. */
  function observeEnd(root: Span, incoming: Incoming, invocation: Invocation, isAwaited: boolean): void {
    const { end } = root
    root.end = (...rest) => {
      root.end = end
      const { value, error } = { value: undefined, error: undefined, ...how.get(root) }
      const { attributes } = root as { attributes?: Record<string, unknown> }
      const errorType = attributes?.['error.type'] as string | undefined
      const ended = { ...incoming, response: value, error, errorType }
      for (const each of ends) {
        const waiting = waitForEnd(
          attempt('onEnd', () => each(root, ended)),
          budgetMs,
          isAwaited,
        )
        if (waiting) invocation.background(waiting)
      }
      return end.apply(root, rest)
    }
  }

  function around(kind: OpaqueKind): OpaqueKind {
    return {
      start: (...given) => kind.start(...given),
      enter(call, invocation) {
        if (!how.has(invocation.root)) begin(call, invocation)
        return kind.enter?.(call, invocation) ?? call.args
      },
      leave(end, call, invocation) {
        how.set(invocation.root, end)
        return kind.leave?.(end, call, invocation)
      },
    }
  }

  return {
    ...setup,
    around(given) {
      const kind = setup.around?.(given) ?? given
      let found = wrapped.get(kind)
      if (!found) wrapped.set(kind, (found = around(kind as never) as unknown as AnyKind))
      return found
    },
  }
}
