/** Runs the user's code in a context, whatever the context manager does: it may be their own, and fail. */
import { context, type Context } from '@opentelemetry/api'
import { quietly } from '../quietly.ts'

/** Calls `run` exactly once, and gives its value or error. */
export function runIn<T>(active: Context, run: () => T): T {
  let end: { readonly value: T } | { readonly error: unknown } | undefined
  const runOnce = () => {
    try {
      end ??= { value: run() }
    } catch (error) {
      end = { error }
    }
  }
  quietly(() => context.with(active, runOnce))
  runOnce()
  if ('error' in end!) throw end.error
  return end!.value
}

/** The root, if the manager fails. */
export function activeContext(root: Context): Context {
  return quietly(() => context.active()) ?? root
}
