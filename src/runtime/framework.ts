/**
 * A framework that traces itself. Its span of a request comes before the handler is called, so tracing is set up when
 * the first handler's module is loaded, and that span becomes the root of an invocation; no other is made.
 */
import { trace, type Context, type Span } from '@opentelemetry/api'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Call, Host, Start } from '../contract.ts'
import { close } from './flush.ts'
import { admit, INVOCATION_KEY, ownerOf, type ActiveInvocation } from './invocation.ts'
import { attributesOf, type Run } from './instrument.ts'
import { openInvocation } from './open-invocation.ts'
import { parentAndLinks } from './propagation.ts'
import { quietly } from './quietly.ts'
import { slot } from './slot.ts'

export interface Framework {
  readonly observe: (processor: SpanProcessor, limit: number) => SpanProcessor
  /** A handler that is called inside of an adopted root. */
  join(call: Call, start: Start, outer: ActiveInvocation, active: Context): Omit<Run, 'args'>
}

/** What a framework's spans are. */
export interface Spans {
  /** Whether the framework made it. */
  isOwn(span: Span): boolean
  starting(span: Span): void
  /** Asked when it has no parent in this process; what is no request is what the framework does for itself. */
  isRequest(span: Span): boolean
  /** The last chance to change it. */
  ending(span: Span): void
}

export function createFramework(spans: Spans, host: () => Host): Framework {
  return {
    observe: (processor, limit) => ({
      ...processor,
      onStart(span, parentContext) {
        const { tracing } = slot
        if (!tracing || !spans.isOwn(span)) return processor.onStart(span, parentContext)
        const parent = trace.getSpan(parentContext)
        quietly(() => spans.starting(span))
        if (ownerOf(parent)) return processor.onStart(span, parentContext)
        if (spans.isRequest(span)) quietly(() => adoptSpan(span))
      },
      onEnding: (span) => quietly(() => spans.isOwn(span) && spans.ending(span)),
      onEnd(span) {
        const owner = ownerOf(span)
        // Loading modules at the start: each would be a trace of its own.
        if (!owner && spans.isOwn(span as unknown as Span)) return
        const isRoot = owner?.adopted && owner.root === (span as unknown)
        if (owner?.keepAlive === 'interval' && slot.exportSoon) {
          // Nothing freezes: it goes with the next batch, whichever invocation it is of.
          owner.open.delete(span as unknown as Span)
          admit(owner, span, limit, slot.orphans)
          // Whoever calls a handler from what its context has left behind is not inside of it any more.
          if (isRoot) close(owner)
        } else {
          processor.onEnd(span)
          if (isRoot) void owner.finish()
        }
        slot.exportSoon?.()
      },
    }),
    join,
  }

  function adoptSpan(root: Span): void {
    slot.warm = true
    const call: Call = { self: undefined, args: [], arity: 0, meta: { file: '', name: '', line: 0 } }
    const invocation = openInvocation(root, undefined, call, slot.tracing!, host(), false)
    invocation.adopted = true
    if (invocation.keepAlive !== 'before') return
    // Nothing runs once the response is gone, and only then the framework would end its span.
    const { finish } = invocation
    invocation.finish = async () => {
      await invocation.held()
      if (root.isRecording()) root.end()
      return finish()
    }
  }
}

function join(call: Call, start: Start, outer: ActiveInvocation, active: Context): Omit<Run, 'args'> {
  const { root, keepAlive } = outer
  root.setAttributes(attributesOf(start, call))
  if (start.name) root.updateName(start.name)
  if (!(root as { parentSpanContext?: unknown }).parentSpanContext) {
    // It may have come before this runtime was loaded, when the framework did not look for a parent.
    const remote = trace.getSpanContext(parentAndLinks(start).parent)
    if (remote) root.addLink({ context: remote })
  }
  return {
    invocation: outer,
    keepAlive,
    mayWait: true,
    context: active.setValue(INVOCATION_KEY, outer),
    finish: keepAlive === 'before' ? () => outer.finish() : async () => {},
  }
}
