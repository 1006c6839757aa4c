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

/** Lambda calls `(event, context[, callback])`, streaming handlers `(event, responseStream, context)`. */
export function contextOf({ args }: Call): LambdaContext | undefined {
  const [, second, third] = args as readonly (LambdaContext | undefined)[]
  const context = second?.awsRequestId === undefined ? third : second
  return typeof context === 'object' ? (context ?? undefined) : undefined
}
