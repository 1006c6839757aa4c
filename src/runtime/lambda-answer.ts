/**
 * The answer of a handler of runtime client 3 (Node 20 and 22): a promise or a throw, the callback, which its arguments
 * do not tell from one that nobody will call, a method of the context, or nothing at all, which is null once the event
 * loop is empty. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html#nodejs-handler-callback
 */
import type { Call, Invocation, Outcome } from '../contract.ts'
import { BEFORE_EXIT, hasClient3 } from './lambda-context.ts'
import { applyError } from './outcome.ts'
import { quietly } from './quietly.ts'

type Answer = (...args: unknown[]) => unknown
interface Context {
  readonly callbackWaitsForEmptyEventLoop?: boolean
  done?: Answer
  succeed?: Answer
  fail?: Answer
}
declare const process: {
  prependListener(event: 'beforeExit', listener: () => void): void
  off(event: 'beforeExit', listener: () => void): void
}

const client = globalThis as { [BEFORE_EXIT]?: () => void }

const answered = new WeakMap<Invocation, () => void>()

/** A promise, or what was thrown, is the answer. */
export function releaseAnswer(invocation: Invocation): void {
  answered.get(invocation)?.()
}

/** Holds the invocation until it is answered. Returns the arguments that the handler gets. */
export function observeAnswer(
  { args, arity }: Call,
  invocation: Invocation,
  toOutcome: (result: unknown) => Outcome,
): readonly unknown[] {
  const [event, second, callback] = args as readonly [unknown, Context, Answer]
  const hasClient = hasClient3()
  // Without that client nobody says that the loop is empty: only who declares the callback will call it.
  if (typeof callback !== 'function' || (arity < 3 && !hasClient)) return args
  const context: Context = (hasClient && second) || {}
  const isBefore = invocation.keepAlive === 'before'
  const undo: (() => unknown)[] = []
  let isOpen = true
  let isPutOff = false
  let release!: () => void

  /** @param read gives the error and the result that its arguments mean */
  const observe =
    (original: Answer, read: (...args: unknown[]) => unknown[], isCallback?: boolean): Answer =>
    (...args) => {
      if (isPutOff) return undefined
      if (isOpen) {
        isOpen = false
        const [error, result] = read(...args)
        const isError = error !== undefined && error !== null
        quietly(() => (isError ? applyError(invocation.root, error) : invocation.outcome(toOutcome(result))))
        // Else it is sent when the loop is empty, and what goes on until then is part of it.
        if (isError || !isCallback || !context.callbackWaitsForEmptyEventLoop) {
          // With the answer the client asks for its next event, and is frozen.
          isPutOff = isBefore
          const finished = end()
          if (isBefore)
            return void finished.then(() => {
              isPutOff = false
              close()
              try {
                original(...args)
              } catch (unsent) {
                // What is no JSON, say: thrown into the handler, it would be the client's answer.
                quietly(() => original(unsent))
              }
            })
        }
      }
      return original(...args)
    }

  /** The very context, because the client reads its methods there, too. */
  const replace = (name: 'done' | 'succeed' | 'fail', read: (...args: unknown[]) => unknown[]) => {
    const original = context[name]
    if (!original) return
    const observed = (context[name] = observe(original, read))
    // Frozen since, it keeps ours, which by now does what the original does.
    undo.push(() => context[name] === observed && Reflect.set(context, name, original))
  }

  const close = () => {
    isOpen = false
    release()
    // Until the answer is given, another one would come before it.
    if (!isPutOff) for (const run of undo.splice(0)) run()
  }
  const end = () => {
    close()
    return invocation.finish()
  }

  const empty = () => {
    const listener = client[BEFORE_EXIT]!
    const finished = end()
    if (!isBefore) return
    // Its turn comes when the loop is empty again.
    client[BEFORE_EXIT] = () => {}
    void finished.then(() => (client[BEFORE_EXIT] = listener))
  }
  if (hasClient) {
    process.prependListener('beforeExit', empty)
    undo.push(() => process.off('beforeExit', empty))
  }
  // It may be frozen.
  quietly(() => {
    replace('done', (...answer) => answer)
    replace('succeed', (result) => [null, result])
    replace('fail', (error) => [error ?? 'handled'])
  })
  answered.set(invocation, close)
  invocation.hold(new Promise<void>((resolve) => (release = resolve)))
  return [event, second, observe(callback, (...answer) => answer, true)]
}
