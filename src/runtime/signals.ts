/** A process that is told to stop: what it holds goes out first. */
import { closeBreaker } from './breaker.ts'
import { quietly } from './quietly.ts'

export type Signal = 'SIGTERM' | 'SIGINT'
interface NodeProcess {
  readonly pid: number
  prependListener(event: Signal, listener: () => void): void
  off(event: Signal, listener: () => void): void
  listenerCount(event: Signal): number
  kill(pid: number, signal: Signal): void
}
declare const process: NodeProcess

/** Platforms give 500 ms and less. */
export const STOP_BUDGET_MS = 250

/**
 * Ours must not keep the process alive: if nobody else listens, the signal is raised again.
 * @param flush `alone`: the process ends as soon as it is done
 */
export function onSignal(signal: Signal, flush: (alone: boolean) => Promise<void> | undefined): void {
  const stop = () => {
    // Counted now: a `once` listener of the user, who is still cleaning up, is gone when the flush is over.
    const alone = process.listenerCount(signal) === 1
    // Whoever insists gets what the system does.
    process.off(signal, stop)
    const again = () => void (alone && process.kill(process.pid, signal))
    // The last chance.
    closeBreaker()
    const flushed = flush(alone)
    if (flushed) void flushed.then(again, again)
    else again()
  }
  // Somebody may guard who listens.
  quietly(() => process.prependListener(signal, stop))
}
