import { trace } from '@opentelemetry/api'
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from 'aws-lambda'

const tracer = trace.getTracer('orders')

export const handler = async ({ rawPath }: APIGatewayProxyEventV2): Promise<APIGatewayProxyResultV2> =>
  tracer.startActiveSpan('find order', { attributes: { 'customer.email': 'ada@example.com' } }, async (span) => {
    tracer.startSpan('poll').end()
    span.end()
    return { statusCode: rawPath === '/orders/none' ? 404 : 200, body: 'an order' }
  })
