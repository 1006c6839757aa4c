/** What a team writes without the plugin, around the same two handlers: SDK, exporter, root span and, at best, a flush. */
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import * as order from './handler.ts'
import * as receipt from './stream.ts'

/** Both are put in by the build of each variant, see variants.ts. */
declare const BATCH: { maxExportBatchSize?: number; scheduledDelayMillis?: number }
declare const FLUSH: boolean

const provider = new TracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'orders' }),
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), ...BATCH })],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

export const handler = (event: APIGatewayProxyEventV2) => inRoot(event, () => order.handler(event))

export const streamed = awslambda.streamifyResponse((event: APIGatewayProxyEventV2, responseStream, lambda) =>
  inRoot(event, async () => receipt.handler(event, responseStream, lambda)),
)

function inRoot<T>(event: APIGatewayProxyEventV2, handle: () => Promise<T>): Promise<T> {
  return trace.getTracer('by-hand').startActiveSpan(event.routeKey, { kind: SpanKind.SERVER }, async (root) => {
    try {
      return await handle()
    } catch (error) {
      root.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message })
      throw error
    } finally {
      root.end()
      if (FLUSH) await provider.forceFlush()
    }
  })
}
