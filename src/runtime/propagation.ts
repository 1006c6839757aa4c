/** Remote parents and links, from whatever bag of fields an event carries. */
import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  trace,
  type Context,
  type Link,
  type SpanContext,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import type { Carrier, Start } from '../contract.ts'

export const w3c = /* @__PURE__ */ new W3CTraceContextPropagator()

function remoteParent(carrier: Carrier): SpanContext | undefined {
  return trace.getSpanContext(w3c.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter))
}

/** A batch has a parent only if all its messages agree on one; else every distinct one is a link. */
export function parentAndLinks(start: Start): { parent: Context; links: Link[] } {
  const links: Link[] = [...(start.links ?? [])]
  let remote: SpanContext | undefined
  for (const carrier of start.carriers ?? []) if ((remote ??= remoteParent(carrier))) break
  const messages = start.batch?.map(remoteParent) ?? []
  const distinct = new Map<string, SpanContext>()
  for (const message of messages) if (message) distinct.set(message.traceId + message.spanId, message)
  if (!remote && distinct.size === 1 && messages.every((message) => message !== undefined)) remote = messages[0]
  else for (const context of distinct.values()) links.push({ context })
  return { parent: remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT, links }
}
