/**
 * The end of a function of Azure's older model, which says so by `context.done()` or by `context.res.send()`, and its
 * answer. https://learn.microsoft.com/azure/azure-functions/functions-reference-node?pivots=nodejs-model-v3
 */
import type { Invocation } from '../contract.ts'
import { toHttpOutcome } from './http.ts'
import { quietly } from './quietly.ts'

interface Answer {
  /** Of the ready-made one a method. */
  readonly status?: unknown
  readonly statusCode?: unknown
}

type Done = (error?: unknown, result?: unknown) => void

export interface LegacyContext {
  readonly invocationId: string
  readonly bindings: object
  readonly bindingData?: Readonly<Record<string, unknown>>
  readonly bindingDefinitions?: readonly { readonly type?: string }[]
  readonly executionContext?: { readonly functionName?: string }
  readonly traceContext?: { readonly traceparent?: string; readonly tracestate?: string }
  readonly req?: unknown
  res?: (Answer & { _done?: Done }) | undefined
  done?: Done
}

interface Observed {
  /** Settles when the function has said that it is done. */
  readonly called: Promise<void>
  answered(value: unknown): void
}

const observed = new WeakMap<LegacyContext, Observed>()

/** Idempotent. Where an instance may be gone with the answer, it is given once it is exported. */
export function observeDone(context: LegacyContext, invocation: Invocation): Observed {
  const known = observed.get(context)
  if (known) return known
  const { done, req } = context
  const answered = (value: unknown): void => {
    if (!req) return
    const { status, statusCode } = (context.res ?? value ?? {}) as Answer
    invocation.outcome(toHttpOutcome(Number(statusCode ?? (typeof status === 'function' ? 200 : (status ?? 200)))))
  }
  let release!: () => void
  const entry: Observed = { called: new Promise((resolve) => (release = resolve)), answered }
  observed.set(context, entry)
  if (typeof done !== 'function') return entry
  const finished: Done = (...answer) => {
    const [error, value] = answer
    // Either may be anything, also what is no text and no number.
    quietly(() => {
      if (!error) return answered(value)
      const { name = typeof error, message = String(error) } = error as Partial<Error>
      invocation.outcome({ errorType: name, message })
    })
    release()
    const flushed = invocation.finish()
    if (invocation.keepAlive !== 'before') return done(...answer)
    void flushed.then(() => done(...answer))
    return undefined
  }
  context.done = finished
  // The ready-made answer has a copy of its own.
  if (context.res?._done) context.res._done = finished
  return entry
}
