/** What a team writes by hand for the same spans, with the same attributes, one export per invocation. */
import { context, SpanKind, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { drop } from './drop.ts'
import * as user from './handler.ts'

/** Put in by the build: whether the payload is sent. */
declare const EXPORTED: boolean

const dropping: SpanExporter = {
  export(spans, done) {
    drop(JsonTraceSerializer.serializeRequest(spans)!)
    done({ code: 0 })
  },
  shutdown: async () => {},
}

const { env } = process
const provider = new TracerProvider({
  resource: defaultResource().merge(
    resourceFromAttributes({
      'telemetry.distro.name': 'by-hand',
      'telemetry.distro.version': '0.1.0',
      'service.name': env.AWS_LAMBDA_FUNCTION_NAME,
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_lambda',
      'cloud.region': env.AWS_REGION,
      'faas.name': env.AWS_LAMBDA_FUNCTION_NAME,
      'faas.version': env.AWS_LAMBDA_FUNCTION_VERSION,
      'faas.instance': env.AWS_LAMBDA_LOG_STREAM_NAME,
      'faas.max_memory': Number(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE) * 1_048_576,
    }),
  ),
  spanProcessors: [new BatchSpanProcessor({ exporter: EXPORTED ? new OTLPTraceExporter() : dropping })],
})
trace.setGlobalTracerProvider(provider)
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

const tracer = trace.getTracer('by-hand')
let cold = true

export const handler = (event: APIGatewayProxyEventV2, lambda: user.BenchContext) => {
  const { method, path } = event.requestContext.http
  const route = event.routeKey.split(' ')[1]
  const attributes = {
    'faas.coldstart': cold,
    'code.file.path': 'handler.ts',
    'code.function.name': 'handler',
    'code.line.number': 14,
    'faas.trigger': 'http',
    'faas.invocation.id': lambda.awsRequestId,
    'faas.invocation_id': lambda.awsRequestId,
    'cloud.resource_id': lambda.invokedFunctionArn,
    'cloud.account.id': lambda.invokedFunctionArn.split(':')[4],
    'http.request.method': method,
    'http.route': route,
    'url.path': path,
    'url.scheme': event.headers['x-forwarded-proto'] ?? 'https',
    'url.query': Object.keys(event.queryStringParameters ?? {}).join('=&') + '=',
    'server.address': event.requestContext.domainName,
    'user_agent.original': event.headers['user-agent'],
  }
  cold = false
  return tracer.startActiveSpan(event.routeKey, { kind: SpanKind.SERVER, attributes }, async (root) => {
    try {
      const result = await user.handler(event, lambda)
      root.setAttribute('http.response.status_code', result.statusCode)
      return result
    } finally {
      root.end()
      await provider.forceFlush()
    }
  })
}
