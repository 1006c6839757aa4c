/** Spans of a server, which go with the next batch of all that has ended: no invocation waits for its own. */
import type { Span } from '@opentelemetry/api'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import { close } from './flush.ts'
import { admit, ownerOf, type ActiveInvocation } from './invocation.ts'
import { slot } from './slot.ts'

/** What is never ended is let go after so many others. */
const MAX_OPEN = 10_000

/**
 * In the place of collecting what each invocation has ended.
 * @param limit spans of an invocation
 */
export function batch(processor: SpanProcessor, limit: number): SpanProcessor {
  const open = (slot.open = new Set<Span>())
  return {
    ...processor,
    onStart(span, parentContext) {
      processor.onStart(span, parentContext)
      open.add(span)
      if (open.size > MAX_OPEN) for (const oldest of open) return void open.delete(oldest)
    },
    onEnd(span) {
      open.delete(span as unknown as Span)
      const owner = ownerOf(span)
      owner?.open.delete(span as unknown as Span)
      if (owner && !owner.flushed) admit(owner, span, limit, slot.orphans)
      else slot.orphans.push(span)
      slot.exportSoon?.()
    },
  }
}

/** @param isOwn whether the root is ours to end */
export function endBatched(invocation: ActiveInvocation, isOwn: boolean): void {
  close(invocation)
  invocation.event = undefined
  if (isOwn) invocation.root.end()
}
