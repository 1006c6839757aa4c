/** Who a span is made for: what `withContext` takes, and the attributes that it becomes. */
import type { Attributes, AttributeValue, Context } from '@opentelemetry/api'

/**
 * Identifiers go out as they are given, as attributes of spans. None of it is put into a header, but for the three
 * identifiers in the baggage to hosts that `propagateTo.baggage` of the plugin names.
 */
export interface UserContext {
  /** `user.id`: who asks, as your own system names them. */
  readonly userId?: string | number | undefined
  /** `session.id`: what somebody does until they leave. */
  readonly sessionId?: string | number | undefined
  /** `gen_ai.conversation.id`: a chat, a thread. */
  readonly conversationId?: string | number | undefined
  /** `group.<kind>` each: what somebody belongs to, as `{ company: 'c_42', team: 'blue' }`. */
  readonly groups?: Readonly<Record<string, string | number | undefined>> | undefined
  /** `metadata.<key>` each: a string, a number, a boolean or a list of one of them. */
  readonly metadata?: Readonly<Record<string, AttributeValue | undefined>> | undefined
}

/** One key for every copy of the runtime in the process. */
const KEY = Symbol.for('unplugin-otel.v1.user-context')

/**
 * Attributes by the semantic conventions where there are any. What is undefined or null is left out.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/user/
 */
export function toAttributes(user: UserContext): Attributes {
  const { userId, sessionId, conversationId, groups, metadata } = user
  const all: [string, AttributeValue | null | undefined][] = [
    ['user.id', toText(userId)],
    ['session.id', toText(sessionId)],
    ['gen_ai.conversation.id', toText(conversationId)],
    ...Object.entries(groups ?? {}).map(([kind, id]): [string, string | undefined] => [`group.${kind}`, toText(id)]),
    ...Object.entries(metadata ?? {}).map(([key, value]): [string, typeof value] => [`metadata.${key}`, value]),
  ]
  return Object.fromEntries(all.filter(([, value]) => value !== undefined && value !== null))
}

/** The conventions have identifiers as strings. */
function toText(id: string | number | null | undefined): string | undefined {
  return id === undefined || id === null ? undefined : String(id)
}

/** A context with `attributes` over those that it has. */
export function addUserAttributes(active: Context, attributes: Attributes): Context {
  return active.setValue(KEY, { ...userAttributesIn(active), ...attributes })
}

export function userAttributesIn(active: Context): Attributes | undefined {
  return active.getValue(KEY) as Attributes | undefined
}
