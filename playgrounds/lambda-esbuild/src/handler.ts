import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { inSpan } from './in-span.ts'
import { placeOrder } from './order.ts'

export const handler = async (event: APIGatewayProxyEventV2) => {
  const order = await placeOrder(event.body)
  const body = await inSpan('render receipt', async () => JSON.stringify(order))
  return { statusCode: 201, body }
}
