/** The end of an invocation: wait for its holds, end its root, export what it started. */
import type { Call, Host, KeepAlive } from '../contract.ts'
import { flushForeign } from './foreign.ts'
import { takeEnded, type ActiveInvocation } from './invocation.ts'
import { macrotask } from './macrotask.ts'
import { endSpans } from './open-spans.ts'
import type { Tracing } from './provider.ts'
import { complain, quietly, warnOnce } from './quietly.ts'
import { slot } from './slot.ts'

/** Never rejects; takes `flush.budgetMs` at most once the holds and the background work have settled. */
export async function complete(
  invocation: ActiveInvocation,
  tracing: Tracing,
  host: Host,
  call: Call,
  ownsRoot: boolean,
): Promise<void> {
  const { keepAlive } = invocation
  const extend = (work: Promise<void>) => quietly(() => host.extend?.(call, work))
  try {
    const held = invocation.held()
    if (held) await held
    invocation.event = undefined
    if (ownsRoot) invocation.root.end()
    // A body may have taken longer than the host keeps what it was told when the handler began.
    if (held) extend(invocation.finish())
    // One turn of the loop for open spans that end together with the response; if the response waits for it,
    // only then. After the response, two: the runtime client posts it from an immediate of its own, queued
    // behind ours.
    if (keepAlive !== 'before' || invocation.open.size > 0) await macrotask()
    if (keepAlive === 'after') await macrotask()
    // What has ended meanwhile is sent every second: the platform may cut this short.
    await invocation.idle()
    if (keepAlive === 'after' && host.linger) {
      await host.linger(invocation, call)
      await invocation.idle()
    }
    // Where nothing freezes, an open span may still end by itself; a later flush takes it along.
    if (keepAlive !== 'interval') endSpans(invocation.open, 'handler_returned')
    close(invocation)
    await flush(tracing, invocation, invocation.remaining?.() ?? tracing.flush.budgetMs, keepAlive)
    if (host.extend) invocation.late = () => extend(flushLate(invocation, tracing))
  } catch (error) {
    complain(error)
  } finally {
    close(invocation)
    // A socket or timer made inside keeps this invocation in its async context; not its event as well.
    invocation.finish = async () => {}
  }
}

/** Nothing is collected for it any more. */
export function close(invocation: ActiveInvocation): void {
  invocation.flushed = true
  clearTimeout(invocation.interim)
  slot.active.delete(invocation)
  const { count, dropped } = invocation
  if (dropped) warnOnce('UO213', `${dropped} of ${count} spans left out: raise limits.spansPerInvocation`)
}

/** What ends after the flush, but while the platform still runs this invocation. */
async function flushLate(invocation: ActiveInvocation, tracing: Tracing): Promise<void> {
  const { late } = invocation
  invocation.late = undefined
  try {
    do {
      await macrotask()
      await flush(tracing, invocation, tracing.flush.budgetMs, 'after')
      // What has ended meanwhile has not asked for it.
    } while (slot.orphans.length > 0)
  } catch (error) {
    complain(error)
  }
  invocation.late = late
}

async function flush(
  tracing: Tracing,
  invocation: ActiveInvocation,
  budgetMs: number,
  keepAlive: KeepAlive,
): Promise<void> {
  // After the response nobody may be kept waiting for our socket: older runtime clients send the
  // response only when the event loop is empty.
  const referenced = keepAlive !== 'after'
  if (tracing.export) {
    const spans = takeEnded([invocation])
    if (keepAlive === 'interval' && slot.exportSoon && slot.active.size > 0) {
      // With those of the others, in a moment or when the last of them ends.
      slot.orphans.push(...spans)
      return slot.exportSoon()
    }
    return tracing.export.exporter.flush(spans, invocation.inFlight, budgetMs, referenced)
  }
  return flushForeign(tracing.foreign!, budgetMs, referenced)
}
