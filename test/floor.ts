/** The parts that any OpenTelemetry in a bundle needs: API, SDK, serializer, and the least glue between them. */
const PARTS = `
  import { context, propagation, trace } from '@opentelemetry/api'
  import { AsyncLocalStorage } from 'node:async_hooks'
  import { W3CTraceContextPropagator } from '@opentelemetry/core'
  import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
  import { resourceFromAttributes } from '@opentelemetry/resources'
  import { TracerProvider } from '@opentelemetry/sdk-trace'
  const als = new AsyncLocalStorage()
  context.setGlobalContextManager({ active: () => als.getStore(), with: (c, f, t, ...a) => als.run(c, () => f.apply(t, a)), bind: (_, f) => f, enable() { return this }, disable() { return this } })
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  const spans = []
  const provider = new TracerProvider({ resource: resourceFromAttributes({ a: 1 }), spanProcessors: [{ onStart() {}, onEnd(s) { spans.push(s) }, forceFlush() {}, shutdown() {} }] })
  trace.setGlobalTracerProvider(provider)
  const run = (use) => trace.getTracer('x').startActiveSpan('y', (s) => { s.end(); return use(JsonTraceSerializer.serializeRequest(spans)) })
`

/** A bundle's source: what no tracing can do without, around the platform's handler. */
export const floorOf = (handler: string, encoding: 'json' | 'protobuf' = 'json'): string =>
  `${encoding === 'json' ? PARTS : PARTS.replaceAll('JsonTraceSerializer', 'ProtobufTraceSerializer')}${handler}\n`
