import { trace, type Attributes } from '@opentelemetry/api'
import { quietly } from '../quietly.ts'
import { requireAsyncContext } from './async-context.ts'

/**
 * Puts attributes on the active span: in a handler its own, inside of `traced` that one. A later value replaces an
 * earlier one of the same name. Without a span, or once it has ended, it does nothing. Never throws.
 *
 * Without AsyncLocalStorage no span is active after an `await`, which is said once (UO230): use the span that `traced`
 * gives.
 * @param attributes name → string, number, boolean, or a list of one of them; anything else is left out
 */
export function log(attributes: Attributes): void {
  quietly(() => {
    const span = trace.getActiveSpan()
    if (span) span.setAttributes(attributes)
    else requireAsyncContext()
  })
}
