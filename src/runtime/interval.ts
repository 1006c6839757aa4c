/**
 * Exports for a server that is never frozen: in batches, by a timer that keeps nothing alive, and when the process
 * ends, by itself or because it is told to.
 */
import { flushAtExit } from './exit.ts'
import { takeEnded } from './invocation.ts'
import { macrotask } from './macrotask.ts'
import { endAllSpans } from './open-spans.ts'
import { quietly } from './quietly.ts'
import { onSignal, STOP_BUDGET_MS, type Signal } from './signals.ts'
import { slot } from './slot.ts'
import { startUnreferenced } from './timer.ts'

declare const process: { readonly pid: number }

/** Whoever has nothing to drain has ended by then, and at the exit all of it is sent, once. */
const SOON_MS = 100

/** Idempotent: the copies of the runtime in a process share one timer. */
export function exportByInterval(): void {
  if (slot.exportSoon) return
  let timer: ReturnType<typeof setTimeout> | undefined
  const send = (budgetMs?: number): Promise<void> | undefined => {
    clearTimeout(timer)
    timer = undefined
    const { tracing } = slot
    // While it stops, what is still running counts, too.
    const spans = takeEnded(budgetMs === undefined ? [] : slot.active)
    const { exporter, inFlight } = tracing?.export ?? {}
    return exporter?.flush(spans, inFlight!(), budgetMs ?? tracing!.flush.budgetMs, budgetMs !== undefined)
  }
  const sendIn = (ms: number) => {
    timer ??= startUnreferenced(send, ms)
  }
  slot.exportSoon = () => {
    const { batch } = slot.tracing?.export?.config ?? {}
    if (!batch) return
    if (slot.orphans.length >= (batch.exportAt ?? batch.maxExportBatchSize)) void send()
    else sendIn(batch.interimMs)
  }
  /** Nothing runs any more after it: what ends meanwhile, and then what is still open, goes out, too. */
  const sendLast = async () => {
    const until = Date.now() + STOP_BUDGET_MS
    // What has just ended says so within two turns of the loop.
    for (let turn = 0; turn < 2; turn++) await macrotask()
    await send(STOP_BUDGET_MS)
    endAllSpans()
    await send(Math.max(0, until - Date.now()))
  }
  const listen = (signal: Signal) =>
    onSignal(signal, (alone) => {
      // The first process of a container is not ended by a signal that it has no listener for.
      if (alone) return process.pid === 1 ? send(STOP_BUDGET_MS) : sendLast()
      // Whoever listens decides when it ends, and may do so by the signal, once they are done.
      queueMicrotask(() => listen(signal))
      clearTimeout(timer)
      timer = undefined
      return void sendIn(SOON_MS)
    })
  listen('SIGTERM')
  listen('SIGINT')
  quietly(() => flushAtExit(false))
}
