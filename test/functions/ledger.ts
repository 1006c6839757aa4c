/**
 * What the functions of the scenarios (test/scenarios) are written with: user code, so it knows `@opentelemetry/api`
 * and web standards and nothing of ours. It also runs in workerd: no Node imports.
 *
 * The ledger of started spans is standard output: the one channel that every runtime has, that is written at once, and
 * that is still there when the function is killed a moment later. `startedIn` (test/suite/ledger.ts) reads it.
 */
import { trace, type Span } from '@opentelemetry/api'

/** Notes the invocation's own span; nothing where the function is built without the plugin. */
export function root(): Span | undefined {
  const active = trace.getActiveSpan()
  if (active?.isRecording()) note(active, 'root')
  return active
}

/** Runs `work` in a child span, which ends with it, and is noted before it. */
export function span<T>(name: string, work: (active: Span) => T | PromiseLike<T>): Promise<T> {
  return trace.getTracer('user').startActiveSpan(name, async (active) => {
    if (active.isRecording()) note(active, name)
    try {
      return await work(active)
    } finally {
      active.end()
    }
  })
}

/** A child span that whoever calls this ends, or never. */
export function open(name: string): Span {
  const started = trace.getTracer('user').startSpan(name)
  if (started.isRecording()) note(started, name)
  return started
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function note(noted: Span, name: string): void {
  const { traceId, spanId } = noted.spanContext()
  console.log(`ledger ${JSON.stringify({ traceId, spanId, name, id: '' })}`)
}
