import { middy } from '@middy/core'
import jsonBody from '@middy/http-json-body-parser'
import { trace } from '@opentelemetry/api'

/** In cents. */
const PRICES = { espresso: 260, croissant: 220 }

const quote = async ({ body: { items } }) => {
  const total = await trace.getTracer('quotes').startActiveSpan('add up', async (span) => {
    const sum = items.reduce((before, item) => before + PRICES[item], 0)
    span.setAttribute('quote.items', items.length).end()
    return sum
  })
  return { statusCode: 200, body: JSON.stringify({ total }) }
}

export const handler = middy(quote).use(jsonBody())
