import type { Attributes } from '@opentelemetry/api'
import { quietly } from '../quietly.ts'
import { onSpan } from './scope.ts'

/**
 * Adds an event to the active span. Without one, or once it has ended, a span of that name without a length stands for
 * it, and gets the properties as its attributes.
 * @param name of low cardinality: `cart.checked_out`, and ids among the properties
 * @param properties name → string, number, boolean, or a list of one of them. Default: none
 * @throws {Error} if the name begins with `otel.`, also where nothing is recorded: those are OpenTelemetry's own
 */
export function sendEvent(name: string, properties: Attributes = {}): void {
  if (typeof name === 'string' && /^otel\./i.test(name)) {
    throw new Error(`[unplugin-otel] sendEvent('${name}'): names beginning with otel. are reserved. Choose another.`)
  }
  quietly(() =>
    onSpan(name, (span, isNew) => {
      if (isNew) span.setAttributes(properties)
      else span.addEvent(name, properties)
    }),
  )
}
