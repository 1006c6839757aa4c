/** Calls what was built, as API Gateway would have Lambda do it, beside a shop that knows prices and takes cards. */
import { createServer } from 'node:http'
import { handler } from './dist/handler.mjs'

const shop = createServer(({ url }, response) => {
  response.end(url.startsWith('/prices') ? '[260, 220]' : '{ "id": "order-1" }')
})
await new Promise((listening) => shop.listen(0, '127.0.0.1', listening))
process.env.SHOP_URL = `http://127.0.0.1:${shop.address().port}`

const event = {
  version: '2.0',
  routeKey: 'POST /orders',
  rawPath: '/orders',
  headers: { 'content-type': 'application/json' },
  requestContext: { http: { method: 'POST', path: '/orders' } },
  body: JSON.stringify({ items: ['espresso', 'croissant'], card: 'valid' }),
}
console.log(await handler(event, { functionName: 'orders', awsRequestId: crypto.randomUUID() }))
shop.close()
shop.closeAllConnections()
