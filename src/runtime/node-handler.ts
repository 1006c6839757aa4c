/** A handler of Node's `(request, response)` as an invocation: the answer tells how it ended. */
import type { Call, Invocation } from '../contract.ts'
import { toHttpOutcome } from './http.ts'
import type { ActiveInvocation } from './invocation.ts'
import { slot } from './slot.ts'
import { flushBeforeEnd, holdUntilClosed, keepThrown, type NodeRequest, type NodeResponse } from './node-http.ts'

type Args = readonly [NodeRequest, NodeResponse]

export function enterNode({ args, args: [, response] }: Call<unknown, Args>, invocation: Invocation): Args {
  if (invocation.keepAlive === 'before') flushBeforeEnd(response, invocation, () => isLast(invocation))
  else holdUntilClosed(response, invocation)
  return args
}

/** Whoever is answered after this one has its spans exported, too: the transport waits for all that is under way. */
function isLast(invocation: Invocation): boolean {
  // Of several that are answered in the same turn, the last one must not take the others for unanswered.
  slot.active.delete(invocation as ActiveInvocation)
  return slot.active.size === 0
}

export function leaveNode(
  end: { readonly value: unknown } | { readonly error: unknown },
  { args: [, response] }: Call<unknown, Args>,
  invocation: Invocation,
): void {
  if (!('error' in end)) return
  keepThrown(invocation)
  // Whoever caught it will answer so, but only once this is exported.
  if (!response.writableEnded) invocation.outcome({ attributes: toHttpOutcome(500).attributes! })
}
