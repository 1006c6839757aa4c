/** The end of an invocation: wait for its holds, end its root, export what it started. */
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { KeepAlive } from '../contract.ts'
import { BREAKER_MS } from './exporter.ts'
import type { ActiveInvocation } from './invocation.ts'
import type { Tracing } from './provider.ts'
import { complain, quietly } from './quietly.ts'
import { within } from './within.ts'
import { slot } from './slot.ts'

declare const setImmediate: ((run: () => void) => void) | undefined

/** Never rejects; takes `flush.budgetMs` at most once the holds have settled. */
export async function complete(
  invocation: ActiveInvocation,
  tracing: Tracing,
  deadline: number | undefined,
  keepAlive: KeepAlive,
  ownsRoot: boolean,
): Promise<void> {
  try {
    await invocation.held()
    invocation.event = undefined
    if (ownsRoot) invocation.root.end()
    // One turn of the loop for spans that end together with the response. After the response, two:
    // the runtime client posts it from an immediate of its own, queued behind ours.
    await macrotask()
    if (keepAlive === 'after') await macrotask()
    // Where nothing freezes, an open span may still end by itself; a later flush takes it along.
    if (keepAlive !== 'interval') endOpenSpans(invocation)
    invocation.flushed = true
    const spans = [...slot.orphans.splice(0), ...invocation.ended]
    invocation.ended = []
    slot.active.delete(invocation)
    await flush(tracing, spans, remaining(tracing, deadline), keepAlive)
  } catch (error) {
    complain(error)
  } finally {
    invocation.flushed = true
    slot.active.delete(invocation)
    // A socket or timer made inside keeps this invocation in its async context; not its event as well.
    invocation.finish = async () => {}
  }
}

/** At most the budget, and never so long that the platform kills the invocation. */
function remaining(tracing: Tracing, deadline: number | undefined): number {
  if (deadline === undefined) return tracing.flush.budgetMs
  const left = deadline - Date.now()
  // With a deadline shorter than the margin, half of what is left still goes to the export.
  return Math.max(0, Math.min(tracing.flush.budgetMs, Math.max(left - tracing.flush.marginMs, left / 2)))
}

/** What the handler left open would die in the freeze, so it ends here, saying why. */
function endOpenSpans(invocation: ActiveInvocation): void {
  for (const span of invocation.open) {
    quietly(() => span.setAttribute('unplugin_otel.end_reason', 'handler_returned').end())
  }
}

async function flush(tracing: Tracing, spans: ReadableSpan[], budgetMs: number, keepAlive: KeepAlive): Promise<void> {
  if (tracing.export) {
    // After the response nobody may be kept waiting for our socket: older runtime clients send the
    // response only when the event loop is empty.
    return tracing.export.exporter.flush(spans, budgetMs, keepAlive !== 'after')
  }
  const work = Promise.resolve(tracing.foreign?.forceFlush?.())
  if (Date.now() < slot.breaker.openUntil) return void work.catch(complain)
  if (!(await within(budgetMs, work, keepAlive !== 'after'))) slot.breaker.openUntil = Date.now() + BREAKER_MS
}

function macrotask(): Promise<void> {
  return new Promise((resolve) => (typeof setImmediate === 'function' ? setImmediate(resolve) : setTimeout(resolve, 0)))
}
