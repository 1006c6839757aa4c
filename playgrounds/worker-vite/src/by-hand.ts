/** What a team writes without the plugin, around the same Worker: SDK, exporter, root spans and, at best, a flush. */
import { context, SpanKind, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { env } from 'cloudflare:workers'
import type { Batch, Context, Env } from './env.ts'
import * as shop from './worker.ts'

/** Put in by the build of each variant, see variants.ts. */
declare const FLUSH: boolean

const exporter = new OTLPTraceExporter({ url: `${env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces` })
const provider = new TracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'shop-front' }),
  spanProcessors: [new BatchSpanProcessor({ exporter })],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

export class Stock extends shop.Stock {
  override has(items: string[]): Promise<boolean> {
    return inRoot('Stock/has', this.ctx, () => super.has(items))
  }
  override fetch(request: Request): Promise<Response> {
    return inRoot('Stock', this.ctx, () => super.fetch(request))
  }
}

export default {
  fetch(request: Request, env: Env, ctx: Context): Promise<Response> {
    return inRoot(request.method, ctx, () => shop.default.fetch(request, env, ctx))
  },
  queue(batch: Batch, _env: Env, ctx: Context): Promise<void> {
    return inRoot(`process ${batch.queue}`, ctx, () => shop.default.queue(batch))
  },
}

function inRoot<T>(name: string, ctx: Context, handle: () => Promise<T>): Promise<T> {
  return trace.getTracer('by-hand').startActiveSpan(name, { kind: SpanKind.SERVER, root: true }, async (root) => {
    try {
      return await handle()
    } finally {
      root.end()
      if (FLUSH) ctx.waitUntil(provider.forceFlush())
    }
  })
}
