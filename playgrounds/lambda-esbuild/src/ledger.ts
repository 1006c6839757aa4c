/** For the demo only, your code needs no such file: writes down which spans were started, to see later which arrived. */
import { appendFileSync } from 'node:fs'
import type { Span } from '@opentelemetry/api'

const noted = new WeakSet<Span>()

/** Synchronous, so the line is there also when the process is stopped a moment later. The parent is the root. */
export function noteStart(parent: Span | undefined, span: Span): void {
  if (!process.env.LEDGER_FILE) return
  for (const started of [parent, span]) {
    if (!started || noted.has(started)) continue
    noted.add(started)
    const { traceId, spanId } = started.spanContext()
    const { name } = started as Span & { name?: string }
    const line = { traceId, spanId, name, recording: started.isRecording() }
    appendFileSync(process.env.LEDGER_FILE, `${JSON.stringify(line)}\n`)
  }
}
