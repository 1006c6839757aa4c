import { ROOT_CONTEXT, SpanKind, SpanStatusCode, createTraceState, trace } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'

/** Spans of the official SDK that use every field of the protocol which the receiver shows. */
export function exampleSpans(): ReadableSpan[] {
  const ended: ReadableSpan[] = []
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop', 'process.pid': 12 }),
    spanProcessors: [
      {
        onStart() {},
        onEnd: (span) => ended.push(span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  })
  const tracer = provider.getTracer('scope', '1.2.3')
  const root = tracer.startSpan('root', { kind: SpanKind.SERVER, startTime: [1_700_000_000, 0] })
  const child = tracer.startSpan(
    'child',
    {
      kind: SpanKind.CLIENT,
      startTime: [1_700_000_000, 250_000],
      attributes: {
        text: 'ä',
        whole: -7,
        real: 0.5,
        yes: true,
        list: ['a', 'b'],
        numbers: [1, 2.5],
      },
      links: [
        {
          context: {
            traceId: '1'.repeat(32),
            spanId: '2'.repeat(16),
            traceFlags: 1,
            traceState: createTraceState('k=v'),
          },
          attributes: { l: 'x' },
        },
      ],
    },
    trace.setSpan(ROOT_CONTEXT, root),
  )
  child.addEvent('thing', { n: 1 }, [1_700_000_000, 500_000_000])
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' })
  child.end([1_700_000_001, 0])
  root.end([1_700_000_002, 0])
  provider.getTracer('another').startSpan('elsewhere').end()
  return ended
}
