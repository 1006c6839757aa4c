import { INVALID_SPAN_CONTEXT, ROOT_CONTEXT, trace, type Span, type SpanOptions } from '@opentelemetry/api'
import { applyError } from '../outcome.ts'
import { quietly } from '../quietly.ts'
import { requireAsyncContext } from './async-context.ts'
import { activeContext, runIn } from './run-in.ts'
import { getTracer } from './scope.ts'
import { sentOn } from './send-exception.ts'
import { observeSteps, type Observer } from './stand-in.ts'
import { observeStream } from './streams.ts'

/**
 * Runs `run` in a span of its own, which is the active one inside, and ends it when that is over:
 * - a value: when `run` returns; what is thrown is recorded (`exception` event, `error.type`, status ERROR) and thrown on
 * - a promise: when it settles; the one that you get is of the same class, and has the same value or error
 * - a thenable that is no promise (a query): when it settles. It begins when you await it, in the span, as often as you do
 * - an iterator, as generators return: when it is done, returned or has thrown. Each step runs in the span
 * - a `ReadableStream`, a `Response` whose body is one of your own or of events, a `Readable` of Node: when it ends, fails
 *   or is cancelled, which `unplugin_otel.end_reason` says. Bytes, chunks and backpressure stay as they are
 *
 * Also of what a promise resolves with. What is never over ends with its invocation. Where nothing is recorded, `run`
 * is called, and what it returns is what you get.
 *
 * Without AsyncLocalStorage the span is not active any more after an `await` in `run`, which is said once (UO230): there
 * it is the one that `run` is given, and what is created needs it as its parent (`trace.setSpan(context.active(), span)`).
 * @param name of low cardinality: `load user`, and ids among the attributes
 * @param run gets the span, to add to it. It is ended for you; an `end()` of your own comes first
 * @param options of OpenTelemetry: kind, attributes, links, `root: true` for a trace of its own. Default: an INTERNAL child
 */
export function traced<T>(name: string, run: (span: Span) => T, options: SpanOptions = {}): T {
  const outside = activeContext(ROOT_CONTEXT)
  // It may be that it was lost.
  if (!trace.getSpan(outside)) quietly(requireAsyncContext)
  const span =
    quietly(() => getTracer().startSpan(name, options, outside)) ?? trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
  const inside = trace.setSpan(outside, span)
  if (!span.isRecording()) return runIn(inside, () => run(span))
  const observer = observe(span, (step) => runIn(inside, step))
  let value: T
  try {
    value = observer.enter(() => run(span))
  } catch (error) {
    observer.fail(error)
    throw error
  }
  return observer.settle(value)
}

function observe(span: Span, enter: Observer['enter']): Required<Observer> {
  let isOver = false
  const end = (note?: () => void) => {
    if (isOver) return
    isOver = true
    if (note) quietly(note)
    quietly(() => span.end())
  }
  const observer: Required<Observer> = {
    enter,
    end: (reason) => end(reason && (() => span.setAttribute('unplugin_otel.end_reason', reason))),
    // Unless it is there, by hand.
    fail: (error) => end(() => sentOn(error) === span || applyError(span, error)),
    settle(value) {
      const followed = quietly(
        () => followPromise(value, observer) ?? observeStream(value, observer) ?? observeSteps(value, observer),
      )
      if (followed === undefined) observer.end()
      return followed ?? value
    },
  }
  return observer
}

/** Its rejection stays its owner's to handle: another one that is handled here would hide it. */
function followPromise<T>(promise: T, { enter, fail, settle }: Required<Observer>): T | undefined {
  if (!(promise instanceof Promise)) return undefined
  const failed = (error: unknown): never => {
    fail(error)
    throw error
  }
  const followed: object = enter(() => promise.then(settle, failed))
  for (const key of Reflect.ownKeys(promise)) {
    // What somebody has put on it: a way to cancel it.
    if (!Object.hasOwn(followed, key)) {
      Object.defineProperty(followed, key, Object.getOwnPropertyDescriptor(promise, key)!)
    }
  }
  return followed as T
}
