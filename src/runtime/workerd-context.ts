/** Where a Worker's event has its `ctx` and its bindings: in the arguments, in the class's constructor, in itself. */
import type { Call } from '../contract.ts'

export interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void
}

export interface WorkerScope {
  readonly ctx: ExecutionContext | undefined
  readonly bindings: Readonly<Record<string, unknown>> | undefined
}

/** `fetch(request, env, ctx)` of an object, `new Class(ctx, env)`, `onRequest({ waitUntil, env })` of Pages. */
export function scopeOf({ args, scope }: Call): WorkerScope {
  const [ctx, bindings] = scope ?? [args[2], args[1]]
  return { ctx: ctx as WorkerScope['ctx'], bindings: bindings as WorkerScope['bindings'] }
}
