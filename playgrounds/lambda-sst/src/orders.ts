import { trace } from '@opentelemetry/api'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'

const tracer = trace.getTracer('orders')

export const place = async ({ body }: APIGatewayProxyEventV2) => {
  const { items } = JSON.parse(body ?? '{ "items": [] }') as { items: string[] }
  const id = await tracer.startActiveSpan('save order', async (span) => {
    span.setAttribute('order.items', items.length).end()
    return `order-${items.length}`
  })
  return { statusCode: 201, body: JSON.stringify({ id, items }) }
}
