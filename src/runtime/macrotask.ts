/** A turn of the event loop: what has ended meanwhile, and says so by a promise or an event, has said so by then. */
import { inNextTurn } from './natives.ts'

export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    try {
      inNextTurn(resolve)
    } catch {
      // There is none, or one that refuses: Next's edge runtime, which also warns of its name.
      setTimeout(resolve, 0)
    }
  })
}
