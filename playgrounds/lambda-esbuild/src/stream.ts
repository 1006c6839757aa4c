import { setTimeout as sleep } from 'node:timers/promises'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { inSpan } from './in-span.ts'
import { placeOrder } from './order.ts'

export const handler = awslambda.streamifyResponse(async (event: APIGatewayProxyEventV2, responseStream) => {
  responseStream.setContentType('text/plain')
  const { id, items, total } = await placeOrder(event.body)
  await inSpan('stream receipt', async () => {
    for (const line of [`order ${id}`, ...items, `total ${total}`]) {
      responseStream.write(`${line}\n`)
      await sleep(2)
    }
  })
  responseStream.end()
})
