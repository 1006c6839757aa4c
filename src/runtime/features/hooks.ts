/** `onStart` and `onEnd` of `otel.config.ts`: called around each invocation, with its root span. */
import type { Span } from '@opentelemetry/api'
import type { Call, Invocation } from '../../contract.ts'
import { aroundKinds } from '../around.ts'
import type { Config } from '../define-config.ts'
import { inSpan } from '../in-span.ts'
import { toIncoming } from '../incoming.ts'
import type { ActiveInvocation } from '../invocation.ts'
import type { Setup } from '../provider.ts'
import { slot } from '../slot.ts'
import { attempt, createWait, listOf } from '../user-functions.ts'

type End = { readonly value: unknown } | { readonly error: unknown }

export function callHooks(setup: Setup, config: Config | undefined, platform: string): Setup {
  const starts = listOf(config, 'onStart').map((run) => ({ run, wait: createWait('onStart') }))
  const ends = listOf(config, 'onEnd').map((run) => ({ run, wait: createWait('onEnd') }))
  /** Of roots. Two handlers of a framework are called inside of one. */
  const how = new WeakMap<Span, End | undefined>()

  function begin(call: Call, invocation: Invocation): void {
    const { root } = invocation
    how.set(root, undefined)
    const isAwaited = invocation.keepAlive !== 'after'
    for (const { run, wait } of starts) {
      const given = inSpan(root, () => attempt('onStart', () => run(root, toIncoming(call, platform))))
      const waiting = wait(given, budgetOf(invocation), isAwaited)
      if (!waiting) continue
      invocation.hold(waiting)
      keep(waiting, invocation)
    }
    if (ends.length > 0) observeEnd(call, invocation, isAwaited)
  }

  /** However it ends: after the handler, at a deadline, by the framework that made it. */
  function observeEnd(call: Call, invocation: Invocation, isAwaited: boolean): void {
    const { root } = invocation
    const { end } = root
    root.end = (...rest) => {
      root.end = end
      const { value: response, error } = { value: undefined, error: undefined, ...how.get(root) }
      const { attributes } = root as { attributes?: Record<string, unknown> }
      const errorType = attributes?.['error.type'] as string | undefined
      const ended = Object.assign(toIncoming(call, platform), { response, error, errorType })
      for (const { run, wait } of ends) {
        const given = attempt('onEnd', () => run(root, ended))
        const waiting = wait(given, budgetOf(invocation), isAwaited)
        if (!waiting) continue
        invocation.background(waiting)
        keep(waiting, invocation)
      }
      return end.apply(root, rest)
    }
  }

  return aroundKinds(setup, (kind) => ({
    ...kind,
    enter(call, invocation) {
      if (!how.has(invocation.root)) begin(call, invocation)
      return kind.enter?.(call, invocation) ?? call.args
    },
    leave(end, call, invocation) {
      how.set(invocation.root, end)
      return kind.leave?.(end, call, invocation)
    },
  }))
}

function budgetOf(invocation: Invocation): number {
  const { remaining } = invocation as ActiveInvocation
  return Math.min(slot.tracing?.flush.budgetMs ?? 1000, remaining?.() ?? Infinity)
}

/** The flush waits for it, too: where a handler throws before a response that waits, holds are not waited for. */
function keep(waiting: Promise<unknown>, invocation: Invocation): void {
  const { inFlight } = invocation as ActiveInvocation
  const settled: Promise<boolean> = waiting.then(() => inFlight.delete(settled))
  inFlight.add(settled)
}
