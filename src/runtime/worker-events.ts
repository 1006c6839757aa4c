/**
 * Events of Workers in the service-worker format: a listener gets one object, and answers through it.
 * https://developers.cloudflare.com/workers/reference/migrate-to-module-workers/
 */
import { context, trace, type Span } from '@opentelemetry/api'
import type { Kind } from '../contract.ts'
import { applyError } from './outcome.ts'
import { quietly } from './quietly.ts'
import { isThenable } from './thenable.ts'
import type { ExecutionContext } from './workerd-context.ts'
import { onFetch, onQueue, onScheduled, type QueueBatch, type ScheduledController } from './workerd-handlers.ts'

interface FetchEvent extends ExecutionContext {
  readonly request: Request
  respondWith(response: Response | PromiseLike<Response>): void
}

const roots = new WeakMap<object, Span>()

/** The first listener of an event does not call the others, and yet they are part of its invocation. */
export function callListener(event: object, listener: () => unknown): unknown {
  const root = roots.get(event)
  if (!root || trace.getActiveSpan() === root) return listener()
  try {
    return context.with(trace.setSpan(context.active(), root), listener)
  } catch (error) {
    record(error, root)
    throw error
  }
}

export const onFetchEvent: Kind<unknown, readonly [FetchEvent], Response> = {
  start: (call) => onFetch.start({ ...call, args: [call.args[0].request] }),
  enter(call, invocation) {
    const [event] = call.args
    const { respondWith, request } = event
    const leave = (value: Response): Response => {
      const told = quietly(() => onFetch.leave?.({ value, awaited: true }, { ...call, args: [request] }, invocation))
      if (told?.outcome) invocation.outcome(told.outcome)
      return told?.value ?? value
    }
    event.respondWith = (response) => {
      if (!isThenable(response)) return respondWith.call(event, leave(response))
      const answer = Promise.resolve(response).then(leave, (error: unknown) => {
        record(error, invocation.root)
        throw error
      })
      invocation.hold(answer)
      respondWith.call(event, answer)
    }
    // All listeners get the same event, until one responds.
    roots.set(event, invocation.root)
    invocation.hold(new Promise((resolve) => setTimeout(resolve, 0)))
    return call.args
  },
}

export const onScheduledEvent = /* @__PURE__ */ handledBy<ScheduledController>(onScheduled)
export const onQueueEvent = /* @__PURE__ */ handledBy<QueueBatch>(onQueue)

/** A listener returns nothing: what it gives to `waitUntil` is the handling of the event. */
function handledBy<Event>(kind: Kind<unknown, readonly [Event]>): Kind<unknown, readonly [Event & ExecutionContext]> {
  return {
    start: (call) => kind.start(call),
    enter({ args }, invocation) {
      const [event] = args
      const { waitUntil } = event
      event.waitUntil = (...rest) => {
        const [work] = rest
        if (isThenable(work)) {
          // A lazy thenable (a query builder) runs each time that it is waited for.
          rest[0] = Promise.resolve(work)
          invocation.hold(rest[0].catch((error: unknown) => record(error, invocation.root)))
        }
        return waitUntil.apply(event, rest)
      }
      return args
    },
  }
}

function record(error: unknown, root: Span): void {
  quietly(() => applyError(root, error))
}
