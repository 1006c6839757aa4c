import { quietly } from './quietly.ts'
import { startUnreferenced } from './timer.ts'

/** A longer timer fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * True when `work` settled in `ms`. `referenced`: the timer keeps the process alive, because somebody
 * awaits this and the work's own sockets may not.
 */
export function within(ms: number, work: Promise<unknown>, referenced = false): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const start = (run: () => void, after: number) => {
      timer = (referenced ? setTimeout : startUnreferenced)(run, Math.min(after, MAX_TIMER_MS))
    }
    // One more turn: after a thaw the timer is due before the answer in the socket was read.
    quietly(() => start(() => start(() => resolve(false), 0), ms))
    work.then(() => {
      clearTimeout(timer)
      resolve(true)
    }, reject)
  })
}
