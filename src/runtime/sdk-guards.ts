/**
 * What `tools/sdk-pieces.ts` puts into the compiled-in SDK: a span takes anything, and throws nothing into the code that
 * gives it, as the API does without an SDK; what is cut is counted.
 */
import {
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type SpanOptions,
} from '@opentelemetry/api'
import { complain, quietly } from './quietly.ts'

type Methods = Record<string, (this: Span, ...args: unknown[]) => unknown>

/** The methods that users call. */
export function guardSpan(prototype: Methods): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (/^[_c]/.test(name)) continue
    const method = prototype[name]!
    prototype[name] = function (a, b, c) {
      try {
        return method.call(this, a, b, c)
      } catch (error) {
        complain(error)
        // `end` and `recordException` return nothing.
        return /^[er]/.test(name) ? undefined : this
      } finally {
        countCuts(this)
      }
    }
  }
}

interface QuietTracer {
  startAny(name: string, options?: SpanOptions, context?: Context): Span
}

export function startQuietly(tracer: QuietTracer, name: string, options?: SpanOptions, context?: Context): Span {
  const start = (given?: SpanOptions) => quietly(() => tracer.startAny(name, given, context))
  const span = start(options) ?? start() ?? trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
  countCuts(span)
  return span
}

/** A name may be anything. */
export function toText(name: unknown): string {
  return typeof name === 'string' ? name : (quietly(() => String(name)) ?? '')
}

/** Of ids that are none a receiver would refuse all of the request. */
export function isLink(link: Link): boolean {
  return quietly(() => isSpanContextValid(link.context)) ?? false
}

/** Since a span was last asked. */
let cuts = 0

export function cut<T extends string | Uint8Array>(value: T, limit: number): T {
  if (value.length <= limit) return value
  cuts++
  return value.slice(0, limit) as T
}

const TRUNCATED = 'unplugin_otel.truncated_attributes'

/** Past the limit of how many there may be. */
function countCuts({ attributes }: Span & { readonly attributes?: Attributes }): void {
  if (cuts && attributes) attributes[TRUNCATED] = ((attributes[TRUNCATED] as number | undefined) ?? 0) + cuts
  cuts = 0
}
