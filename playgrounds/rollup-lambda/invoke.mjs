/** Calls what was built with `event.json`, as SQS would have Lambda do it. */
import { readFileSync } from 'node:fs'
import { handler } from './dist/invoices.mjs'

const event = JSON.parse(readFileSync(new URL('event.json', import.meta.url), 'utf8'))
console.log(await handler(event, { functionName: 'invoices', awsRequestId: crypto.randomUUID() }))
