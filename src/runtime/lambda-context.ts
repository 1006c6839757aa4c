/** Lambda's context object, as far as this runtime reads it. */
import type { Call } from '../contract.ts'

export interface LambdaContext {
  readonly awsRequestId?: string
  readonly functionName?: string
  readonly functionVersion?: string
  readonly invokedFunctionArn?: string
  /** Runtime client 4 only. */
  readonly xRayTraceId?: string
  readonly clientContext?: { readonly custom?: Record<string, unknown>; readonly Custom?: Record<string, unknown> }
  getRemainingTimeInMillis?(): number
}

/** Where runtime client 3 keeps what it does when the event loop is empty: it answers, and asks for the next event. */
export const BEFORE_EXIT: unique symbol = /* @__PURE__ */ Symbol.for('aws.lambda.beforeExit') as never

/** That of Node 20 and 22. */
export function hasClient3(): boolean {
  return BEFORE_EXIT in globalThis
}

/** Lambda calls `(event, context[, callback])`, streaming handlers `(event, responseStream, context)`. */
export function contextOf({ args }: Call): LambdaContext | undefined {
  const [, second, third] = args as readonly (LambdaContext | undefined)[]
  const context = second?.awsRequestId === undefined ? third : second
  return typeof context === 'object' ? (context ?? undefined) : undefined
}

/** Epoch milliseconds. */
export function deadlineOf(call: Call): number | undefined {
  const left = contextOf(call)?.getRemainingTimeInMillis?.()
  return left === undefined ? undefined : Date.now() + left
}

/** Runtime client 3 (Node 20 and 22) passes a callback and sends null for a synchronous value. */
export function awaitsValue(call: Call): boolean {
  return !('callbackWaitsForEmptyEventLoop' in (contextOf(call) ?? {}))
}
