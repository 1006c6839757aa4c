/**
 * The function of the table of faults (test/faults): user code, in every runtime. It answers at once, also to what it is
 * asked for beside its work, and writes nothing until it is told to: a line for each span would take longer than the span.
 */
import { SpanStatusCode, trace, type Span } from '@opentelemetry/api'

export interface Asked {
  readonly n: number
  /** Children of the invocation's span. */
  readonly spans: number
  /** The last of them has an error, which the answer does not tell. */
  readonly error?: boolean
  readonly moveClockMs?: number
  /** Prints the spans that the process has started, and how many it keeps for a collector that is away. */
  readonly report?: boolean
}

interface Process {
  readonly [slot: symbol]: { readonly retained: readonly { readonly spans: number }[] } | undefined
  moveClock(ms: number): void
}

const process = globalThis as unknown as Process

/** More in one write is cut by some consoles. */
const LINES = 100
let started: string[] = []

export async function work({ n, spans, error, moveClockMs, report }: Asked): Promise<{ n: number }> {
  const kept = process[Symbol.for('unplugin-otel.v1')]?.retained ?? []
  if (report) console.log(`kept ${kept.reduce((sum, batch) => sum + batch.spans, 0)}`)
  note(trace.getActiveSpan(), 'root', n)
  for (let i = 0; i < spans; i++)
    await trace.getTracer('user').startActiveSpan('step', async (active) => {
      note(active, 'step', n)
      if (error && i === spans - 1) active.setStatus({ code: SpanStatusCode.ERROR })
      active.end()
    })
  if (moveClockMs) process.moveClock(moveClockMs)
  if (report) {
    for (let at = 0; at < started.length; at += LINES) console.log(started.slice(at, at + LINES).join(' '))
    started = []
  }
  return { n }
}

function note(noted: Span | undefined, name: string, n: number): void {
  if (!noted?.isRecording()) return
  const { traceId, spanId } = noted.spanContext()
  started.push(`ledger ${JSON.stringify({ traceId, spanId, name, id: `${n}` })}`)
}
