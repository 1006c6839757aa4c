/**
 * Google's front end makes a context of its own of the one that it gets, mostly an unsampled one, which as a parent
 * would silence the trace: it is a link. https://cloud.google.com/trace/docs/trace-context
 */
import type { Carrier, Start } from '../contract.ts'

declare const process: { readonly env: Record<string, string | undefined> }

export function withOwnParent(start: Start): Start {
  // Elsewhere it is the caller's word. Of a message the sender is the parent, whom the front end does not change.
  if (!process.env['K_SERVICE'] || start.attributes['messaging.system.name'] !== undefined) return start
  const links = start.carriers?.filter(isUnsampled) ?? []
  return links.length > 0
    ? { ...start, links, carriers: start.carriers!.filter((each) => !links.includes(each)) }
    : start
}

/** The last bit of its flags. https://www.w3.org/TR/trace-context/#trace-flags */
function isUnsampled({ traceparent }: Carrier = {}): boolean {
  return /^[\da-f]{2}-.*-[\da-f][02468ace]$/.test(String(traceparent))
}
