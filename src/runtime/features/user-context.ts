/** `context` of `otel.config.ts`: who an invocation is for, on each of its spans. */
import type { Attributes } from '@opentelemetry/api'
import { aroundKinds } from '../around.ts'
import { aroundProcessor } from '../around-processor.ts'
import type { Config } from '../define-config.ts'
import type { ContextSources, Incoming } from '../hook-types.ts'
import { toIncoming } from '../incoming.ts'
import { ownerOf, type ActiveInvocation } from '../invocation.ts'
import { toAttributes, type UserContext } from '../manual/user-context.ts'
import type { Setup } from '../provider.ts'
import { attempt, listOf } from '../user-functions.ts'

export function addUserContext(setup: Setup, config: Config | undefined, platform: string): Setup {
  const [sources] = listOf(config, 'context')
  if (!sources) return setup
  const around = aroundKinds(setup, (kind) => ({
    ...kind,
    enter(call, invocation) {
      const attributes = attempt('context', () => toAttributes(read(sources, toIncoming(call, platform))))
      if (attributes) {
        ;(invocation as ActiveInvocation).user = attributes
        invocation.root.setAttributes(attributes)
      }
      return kind.enter?.(call, invocation) ?? call.args
    },
  }))
  return aroundProcessor(around, (ours) => ({
    onStart(span, parent) {
      ours.onStart(span, parent)
      const attributes = ownerOf(span)?.user
      // What it was given itself, or by `withContext`, says more.
      if (attributes) span.setAttributes({ ...attributes, ...(span as { attributes?: Attributes }).attributes })
    },
  }))
}

function read(sources: ContextSources, incoming: Incoming): UserContext {
  if (typeof sources === 'function') return sources(incoming)
  const readAll = <Value>(each: Readonly<Record<string, (incoming: Incoming) => Value>> = {}): Record<string, Value> =>
    Object.fromEntries(Object.entries(each).map(([name, source]) => [name, source(incoming)]))
  const { groups, metadata, ...ids } = sources
  return { ...readAll(ids as never), groups: readAll(groups), metadata: readAll(metadata) }
}
