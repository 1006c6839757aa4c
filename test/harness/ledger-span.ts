import { appendFileSync } from 'node:fs'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import type { Span } from '@opentelemetry/api'

/**
 * Imported by handlers under test: runs `fn` in a child span and notes the span in the file `LEDGER_FILE` first.
 * The write is synchronous, so the line is there also when the process is stopped or killed a moment later.
 * Spans that do not record are noted only with `noteNonRecording`, marked `recording: false`.
 */
export function tracedInLedger<T>(name: string, fn: (span: Span) => T, { noteNonRecording = false } = {}): T {
  return trace.getTracer('ledger').startActiveSpan(name, (span) => {
    if (span.isRecording()) note(span, name)
    else if (noteNonRecording) note(span, name, { recording: false })
    return endWith(span, () => fn(span))
  })
}

function note(span: Span, name: string, more: { recording?: false } = {}): void {
  const file = process.env.LEDGER_FILE
  if (!file) return
  const { traceId, spanId } = span.spanContext()
  appendFileSync(file, `${JSON.stringify({ traceId, spanId, name, ...more })}\n`)
}

/** Ends the span when `run` is over, a promise when it has settled. */
function endWith<T>(span: Span, run: () => T): T {
  const fail = (error: unknown): never => {
    span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) })
    span.end()
    throw error
  }
  try {
    const value = run()
    if (!(value instanceof Promise)) {
      span.end()
      return value
    }
    const ended = value.then((settled) => {
      span.end()
      return settled
    }, fail)
    return ended as T
  } catch (error) {
    return fail(error)
  }
}
