/** A handler's last argument, by which it says that it is done: `callback(error, result)`. */
import type { Invocation } from '../contract.ts'
import { quietly } from './quietly.ts'

type Callback = (error?: unknown, result?: unknown) => unknown

/** Holds the invocation until then; the caller gets to know of it once it is exported, where it may freeze us then. */
export function observeCallback(args: readonly unknown[], invocation: Invocation): readonly unknown[] {
  const callback = args.at(-1)
  if (typeof callback !== 'function') return args
  let called!: () => void
  invocation.hold(new Promise<void>((resolve) => (called = resolve)))
  const observed: Callback = (...answer) => {
    const [error] = answer
    if (error) {
      // It may be anything, also what has no text.
      quietly(() => {
        const { name = typeof error, message = String(error) } = error as Partial<Error>
        invocation.outcome({ errorType: name, message })
      })
    }
    called()
    const flushed = invocation.finish()
    if (invocation.keepAlive !== 'before') return callback(...answer)
    void flushed.then(() => callback(...answer))
    return undefined
  }
  return [...args.slice(0, -1), observed]
}
