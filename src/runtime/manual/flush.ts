import { flushForeign } from '../foreign.ts'
import { takeEnded } from '../invocation.ts'
import { complain, quietly } from '../quietly.ts'
import { registeredProvider } from './registered.ts'
import { slot } from '../slot.ts'

export interface ManualFlushOptions {
  /** Milliseconds that it may take at the most. Default, and upper bound: `flush.budgetMs` of the plugin, 1000. */
  readonly timeoutMillis?: number | undefined
}

/** What a provider of the user's own gets, where there is no option of ours. */
const BUDGET_MS = 1000

/**
 * Exports what has ended so far; a provider of your own is told to (`forceFlush`). Never needed in a wrapped handler:
 * its invocation is flushed when it ends. Call it before `process.exit()`, or in a job that nobody wraps.
 * @returns settles when it is exported or the time is over, whether or not it got through: what did not is kept for the
 * next one. Never rejects
 */
export async function flush(options?: ManualFlushOptions): Promise<void> {
  const { tracing } = slot
  const budgetMs = withinBudget(
    quietly(() => options?.timeoutMillis),
    tracing?.flush.budgetMs ?? BUDGET_MS,
  )
  try {
    if (tracing?.export) {
      const { exporter, inFlight } = tracing.export
      await exporter.flush(takeEnded(slot.active), inFlight(), budgetMs, true)
    } else {
      const foreign = tracing?.foreign ?? registeredProvider()
      if (foreign) await flushForeign(foreign, budgetMs, true)
    }
  } catch (error) {
    complain(error)
  }
}

function withinBudget(asked: number | undefined, budgetMs: number): number {
  // What is no number, or none that a clock shows, asks for nothing.
  return typeof asked === 'number' && asked >= 0 ? Math.min(asked, budgetMs) : budgetMs
}
