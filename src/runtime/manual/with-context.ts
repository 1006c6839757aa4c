import { ROOT_CONTEXT } from '@opentelemetry/api'
import { quietly } from '../quietly.ts'
import { registeredProvider } from './registered.ts'
import { isThenable } from '../thenable.ts'
import { requireAsyncContext } from './async-context.ts'
import { activeContext, runIn } from './run-in.ts'
import { isIterator, observeSteps } from './stand-in.ts'
import { addUserAttributes, toAttributes, type UserContext } from './user-context.ts'
import { observeSpans } from './user-spans.ts'

/**
 * Runs `run`, and puts who it is for on every span that is created inside: by you, or by a library through
 * `@opentelemetry/api`, whichever provider records. Not on the span that is active already: that is what `log` is for.
 * Nested calls merge, and the inner one wins; what a span was given itself stays.
 *
 * Inside is what `run` does until it returns, its promise settles, or the iterator or the query (a thenable that begins
 * when it is awaited) that it returns is over. Without AsyncLocalStorage that ends at the first `await`, which is said
 * once (UO230). No other host is told, but those that
 * `propagateTo.baggage` names.
 * @param user who it is for; see there for the attributes' names
 * @returns what `run` returns; an iterator or a query is seen through a Proxy. What it throws is thrown on
 */
export function withContext<T>(user: UserContext, run: () => T): T {
  const inside = quietly(() => {
    observeSpans()
    return addUserAttributes(activeContext(ROOT_CONTEXT), toAttributes(user))
  })
  if (!inside) return run()
  const enter = <R>(step: () => R): R => runIn(inside, step)
  let value = enter(run)
  quietly(() => {
    if (!registeredProvider()) return
    if (isThenable(value) || isAsyncIterator(value)) requireAsyncContext()
    value = observeSteps(value, { enter }) ?? value
  })
  return value
}

function isAsyncIterator(value: unknown): boolean {
  return isIterator(value) && Symbol.asyncIterator in value
}
