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

export function remoteParent(carrier: Carrier | undefined): SpanContext | undefined {
  return trace.getSpanContext(w3c.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter))
}

/** A batch has a parent only if all its messages agree on one; else every distinct one is a link. */
export function parentAndLinks(start: Start): { parent: Context; links: Link[] } {
  let remote: SpanContext | undefined
  for (const carrier of start.carriers ?? []) remote ??= remoteParent(carrier)
  const messages = (start.batch ?? []).map(remoteParent)
  const distinct = new Map(messages.map((context) => [context && context.traceId + context.spanId, context]))
  const linked = (start.links ?? []).map(remoteParent)
  if (!remote && distinct.size === 1) remote = messages[0]
  else linked.push(...distinct.values())
  const links = linked.flatMap((context) => (context ? [{ context }] : []))
  return { parent: remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT, links }
}
