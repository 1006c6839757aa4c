/** Stands in for the function of lambda-esbuild, where the Worker expects it: see `ORDERS_URL` in wrangler.jsonc. */
import { createServer } from 'node:http'

createServer((_request, response) => response.end('{ "id": "order-1", "total": 17 }')).listen(3000, '127.0.0.1', () => {
  console.log('orders are taken on http://127.0.0.1:3000/orders')
})
