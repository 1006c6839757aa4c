/**
 * Exports for a server that is never frozen: in batches, by a timer that keeps nothing alive, and when the process
 * is told to stop.
 */
import { slot } from './slot.ts'

interface NodeProcess {
  exit(...code: number[]): void
  readonly pid: number
  prependListener(event: 'SIGTERM', listener: () => void): void
  off(event: 'SIGTERM', listener: () => void): void
  listenerCount(event: string): number
  kill(pid: number, signal: string): void
}
declare const process: NodeProcess

const SIGTERM_BUDGET_MS = 250

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
  process.prependListener('SIGTERM', function stop() {
    // Counted now: a `once` listener is gone when the flush is over.
    const alone = process.listenerCount('SIGTERM') === 1
    // The last chance.
    slot.breaker.openUntil = 0
    const flushed = send(SIGTERM_BUDGET_MS) ?? Promise.resolve()
    // Whoever drains the server exits when its last request is answered, and that request's spans are due then.
    const { exit } = process
    let exiting = false
    process.exit = (...code) => {
      // It returns, so whoever else listens may come here, too: the first one's code counts, as without us.
      if (exiting) return
      exiting = true
      // With the same number of arguments: an undefined one takes `process.exitCode` away.
      void flushed.then(() => send(SIGTERM_BUDGET_MS)).then(() => exit.apply(process, code))
    }
    if (!alone) return
    process.off('SIGTERM', stop)
    void flushed.then(() => process.kill(process.pid, 'SIGTERM'))
  })
}
