/** What a plain `otel()` does not do by itself: each key is optional, and is bundled only because it is here. */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { AlwaysOnSampler, BatchSpanProcessor, ParentBasedSampler } from '@opentelemetry/sdk-trace'
import { defineConfig, fromCookie, fromHeader } from 'unplugin-otel/config'

/** A second place that gets the same spans. */
const second = () => new OTLPTraceExporter({ url: `${process.env['SECOND_ENDPOINT']}/v1/traces` })

export default defineConfig({
  context: { userId: fromHeader('x-user-id'), sessionId: fromCookie('sid') },
  resource: () => ({ 'service.namespace': 'shop', 'deployment.id': process.env['DEPLOYMENT'] ?? 'local' }),
  spanProcessors: [new BatchSpanProcessor({ exporter: second() })],
  exporters: [second()],
  instrumentations: [],
  sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  // A token that rotates; a function with a parameter signs the request.
  headers: async () => ({ authorization: `Bearer ${await Promise.resolve('fresh')}` }),
  onStart: (span, { header }) => void span.setAttribute('tenant.id', header('x-tenant') ?? 'none'),
  onEnd: (span, { response }) => void span.setAttribute('order.found', JSON.stringify(response).includes('200')),
  redact: (key, value) => (key.endsWith('.email') ? '***' : value),
  beforeSend: (span) => (span.name === 'poll' ? null : span),
  carrier: (event) => (event as { trace?: object }).trace,
  ignore: ({ attributes }) => attributes['url.path'] === '/health',
})
