/** What a span is made of. */
import { isSpanContextValid } from '@opentelemetry/api'
import type { Link } from '@opentelemetry/api'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import { quietly } from '../../src/runtime/quietly.ts'
import { cleanAttributes, type Limits } from './attributes.ts'

export interface SpanLimits extends Limits {
  readonly eventCountLimit: number
  readonly linkCountLimit: number
}
export interface Provided {
  readonly resource: unknown
  readonly spanLimits: SpanLimits
  /** One. */
  readonly spanProcessors: readonly [SpanProcessor]
}
export type Values = Record<string, unknown>

export function toLinks(links: readonly Link[], limits: SpanLimits): object[] {
  return links.flatMap(
    (link) =>
      quietly(
        () =>
          isSpanContextValid(link.context) && { context: link.context, ...cleanAttributes(link.attributes, limits) },
      ) || [],
  )
}
