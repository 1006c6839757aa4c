/**
 * Exports for a server that is never frozen: in batches, by a timer that keeps nothing alive, and when the process
 * is told to stop.
 */
import { onSigterm, SIGTERM_BUDGET_MS } from './sigterm.ts'
import { slot } from './slot.ts'

declare const process: { exit(...code: number[]): void }

/** Idempotent: the copies of the runtime in a process share one timer. */
export function exportByInterval(): void {
  if (slot.exportSoon) return
  let timer: ReturnType<typeof setTimeout> | undefined
  const send = (budgetMs?: number): Promise<void> | undefined => {
    clearTimeout(timer)
    timer = undefined
    const { tracing } = slot
    // While it stops, what is still running counts, too.
    const spans = slot.orphans.splice(0)
    if (budgetMs !== undefined) for (const { ended } of slot.active) spans.push(...ended.splice(0))
    const { exporter, inFlight } = tracing?.export ?? {}
    return exporter?.flush(spans, inFlight!(), budgetMs ?? tracing!.flush.budgetMs, budgetMs !== undefined)
  }
  slot.exportSoon = () => {
    const { batch } = slot.tracing?.export?.config ?? {}
    if (!batch) return
    if (slot.orphans.length >= (batch.exportAt ?? batch.maxExportBatchSize)) return void send()
    timer ??= setTimeout(send, batch.interimMs)
    ;(timer as { unref?: () => void }).unref?.()
  }
  onSigterm(() => {
    const flushed = send(SIGTERM_BUDGET_MS)
    // Whoever drains the server exits when its last request is answered, and that request's spans are due then.
    const { exit } = process
    let exiting = false
    process.exit = (...code) => {
      // It returns, so whoever else listens may come here, too: the first one's code counts, as without us.
      if (exiting) return
      exiting = true
      // With the same number of arguments: an undefined one takes `process.exitCode` away.
      void Promise.resolve(flushed)
        .then(() => send(SIGTERM_BUDGET_MS))
        .then(() => exit.apply(process, code))
    }
    return flushed
  })
}
