/** Calls what was built, as API Gateway would have Lambda do it. */
const { randomUUID } = require('node:crypto')
const { handler } = require('./dist/quotes.js')

const event = {
  version: '2.0',
  routeKey: 'POST /quotes',
  rawPath: '/quotes',
  headers: { 'content-type': 'application/json' },
  requestContext: { http: { method: 'POST', path: '/quotes' } },
  body: JSON.stringify({ items: ['espresso', 'croissant'] }),
}
handler(event, { functionName: 'quotes', awsRequestId: randomUUID() }).then(console.log)
