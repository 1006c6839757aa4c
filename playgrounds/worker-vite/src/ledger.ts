/** For the demo only, your code needs no such file: says which spans were started, to see later which arrived. */
import type { Span } from '@opentelemetry/api'

const noted = new WeakSet<Span>()

/** A line of workerd's console is written at once: it is there also when the isolate is gone. The parent is the root. */
export function noteStart(...spans: (Span | undefined)[]): void {
  for (const span of spans) {
    if (!span || noted.has(span)) continue
    noted.add(span)
    const { traceId, spanId } = span.spanContext()
    const { name } = span as Span & { name?: string }
    console.log(JSON.stringify({ ledger: { traceId, spanId, name, recording: span.isRecording() } }))
  }
}
