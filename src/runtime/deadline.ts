/** What a host that kills an invocation at its deadline adds to it: before that, what is open ends, and is exported. */
import { closeBreaker } from './breaker.ts'
import type { Call, Host, Invocation } from '../contract.ts'
import { takeEnded, type ActiveInvocation } from './invocation.ts'
import { endSpans } from './open-spans.ts'
import { applyOutcome } from './outcome.ts'
import { quietly, warnOnce } from './quietly.ts'
import { slot } from './slot.ts'
import { startUnreferenced } from './timer.ts'
import { MAX_TIMER_MS } from './within.ts'

/** @param done settles when the invocation is exported */
export function observeDeadline(host: Host, call: Call, invocation: Invocation, done: Promise<void>): void {
  // It is the user's where they call the handler, and may be anything: what has run out before it began is no deadline.
  const deadline = quietly(() => Number(host.deadline?.(call)))
  if (deadline && deadline > Date.now()) observe(invocation as ActiveInvocation, deadline, done)
}

function observe(invocation: ActiveInvocation, deadline: number, done: Promise<void>): void {
  const { flush, export: exporting } = slot.tracing!
  const { inFlight } = invocation
  /** With a deadline shorter than the margin, half of what is left still goes to the export. */
  const usable = () => {
    const left = deadline - Date.now()
    return Math.max(left - flush.marginMs, left / 2)
  }
  let cut: { readonly at: number; readonly ms: number; readonly spans: number } | undefined
  invocation.deadline = deadline
  invocation.remaining = () => {
    const ms = Math.max(0, Math.min(flush.budgetMs, usable()))
    if (ms < flush.budgetMs) cut = { at: Date.now(), ms, spans: invocation.ended.length + slot.orphans.length }
    return ms
  }

  const expire = () => {
    // Due after a thaw, it is late: the invocation is over, or was killed.
    if (invocation.flushed || Date.now() >= deadline || !exporting) return
    const open = [...invocation.open, invocation.root].filter((span) => span.isRecording())
    warn(open.length, Date.now(), 'are open: they end here')
    for (const span of open) quietly(() => applyOutcome(span, { errorType: 'timeout' }))
    endSpans(open, 'timeout')
    // The last chance.
    closeBreaker()
    void exporting.exporter.flush(takeEnded([invocation]), inFlight, usable(), false)
  }
  const timer = startUnreferenced(expire, Math.min(usable(), MAX_TIMER_MS))
  void done.then(() => {
    clearTimeout(timer)
    if (cut && inFlight.size > 0 && Date.now() - cut.at >= cut.ms - 1)
      warn(cut.spans, cut.at, `were sent, and not answered in ${Math.round(cut.ms)} ms`)
  })

  function warn(spans: number, at: number, what: string): void {
    const left = Math.round(deadline - at)
    warnOnce('UO211', `${left} ms before the deadline ${spans} spans ${what}. Raise the timeout of the function`)
  }
}
