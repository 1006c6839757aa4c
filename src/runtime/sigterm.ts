/** A process that is told to stop: what it holds goes out first. */
import { slot } from './slot.ts'

interface NodeProcess {
  readonly pid: number
  prependListener(event: 'SIGTERM', listener: () => void): void
  off(event: 'SIGTERM', listener: () => void): void
  listenerCount(event: 'SIGTERM'): number
  kill(pid: number, signal: string): void
}
declare const process: NodeProcess

/** Platforms give 500 ms and less. */
export const SIGTERM_BUDGET_MS = 250

/** Ours must not keep the process alive: if nobody else listens, the signal is raised again. */
export function onSigterm(flush: () => Promise<void> | undefined): void {
  process.prependListener('SIGTERM', function stop() {
    // Counted now: a `once` listener of the user, who is still cleaning up, is gone when the flush is over.
    const alone = process.listenerCount('SIGTERM') === 1
    // Whoever insists gets what the system does.
    process.off('SIGTERM', stop)
    const again = () => void (alone && process.kill(process.pid, 'SIGTERM'))
    // The last chance.
    slot.breaker.openUntil = 0
    const flushed = flush()
    if (flushed) void flushed.then(again, again)
    else again()
  })
}
