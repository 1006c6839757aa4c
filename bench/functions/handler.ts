/** The user's function: as many child spans as it is told, by plain `@opentelemetry/api`. */
import { trace } from '@opentelemetry/api'
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'

export interface BenchContext extends Context {
  readonly children: number
  /** Called on the handler's first line. */
  entered(): void
}

const tracer = trace.getTracer('shop')

export const handler = async (event: APIGatewayProxyEventV2, context: BenchContext) => {
  context.entered()
  let total = 0
  for (let index = 0; index < context.children; index++) total += await price(index)
  return { statusCode: 200, body: `${event.rawPath} ${total}` }
}

function price(index: number): Promise<number> {
  return tracer.startActiveSpan('price', { attributes: { 'shop.item': `item-${index}` } }, async (span) => {
    await undefined
    span.setAttribute('shop.price', index)
    span.end()
    return index
  })
}
