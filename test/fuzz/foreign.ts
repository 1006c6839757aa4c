/** A tracer provider and a context manager of the user's own. */
import { trace, type ContextManager, type Span, type Tracer } from '@opentelemetry/api'
import { als } from '../../src/runtime/context/als.ts'
import type { Faulty } from './faults.ts'

/** A span and a tracer that work, but for what goes wrong. */
export function registerProvider(faulty: Faulty): void {
  const noop = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 })
  const methods = ['end', 'setAttribute', 'setAttributes', 'setStatus', 'recordException', 'isRecording'] as const
  const span = () => {
    const made = Object.create(noop) as Span
    for (const name of methods)
      (made as never as Record<string, unknown>)[name] = faulty(name, () => (name === 'isRecording' ? true : made))
    return made
  }
  const tracer = { startSpan: faulty('startSpan', span), startActiveSpan: () => undefined } as unknown as Tracer
  trace.setGlobalTracerProvider({
    getTracer: faulty('getTracer', () => tracer),
    forceFlush: faulty('forceFlush', async () => {}),
  } as never)
}

export function createContext(faulty: Faulty): ContextManager {
  const real = als()
  const manager: ContextManager = {
    active: faulty('context.active', () => real.active()),
    with: faulty('context.with', (context, fn, self, ...args) => {
      const result: unknown = real.with(context, fn, self, ...args)
      faulty('context.with after', () => {})()
      return result
    }) as ContextManager['with'],
    bind: (_context, target) => target,
    enable: () => manager,
    disable: () => manager,
  }
  return manager
}
