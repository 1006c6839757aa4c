/** Spans that have not ended: waited for, or ended here before they are lost. */
import type { Span } from '@opentelemetry/api'
import type { Invocation } from '../contract.ts'
import { quietly } from './quietly.ts'
import { slot } from './slot.ts'

/** Waits until they have ended, for about a second: most do by themselves, and one that is forgotten never does. */
export async function untilSpansEnd({ open }: Pick<Invocation, 'open'>): Promise<void> {
  for (let ms = 1; open.size > 0 && ms < 1000; ms *= 2) await new Promise((resolve) => setTimeout(resolve, ms))
}

/** What is open would die in the freeze, so it ends here, saying why. */
export function endSpans(spans: Iterable<Span>, reason: 'handler_returned' | 'timeout' | 'exit'): void {
  for (const span of spans) {
    quietly(() => span.isRecording() && span.setAttribute('unplugin_otel.end_reason', reason).end())
  }
}

/** All that is open in this process, which is about to end. */
export function endAllSpans(): void {
  for (const { open, root } of slot.active) endSpans([...open, root], 'exit')
  // Of a server also what belongs to no invocation, or to one that is over.
  endSpans(slot.open ?? [], 'exit')
}
