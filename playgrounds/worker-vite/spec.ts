import { expect, test } from 'vitest'
import { build, runWorker, startShop, toPaths } from '../playground.ts'
import { placeOrder } from './site.ts'
import { readBuilt } from './variants.ts'

test('an order: a stream, a Durable Object, a queue', async () => {
  expect(await build(import.meta.dirname)).toContain('wrapped  src/worker.ts:8:1 default (fetch, queue)')
  const vars = { ORDERS_URL: `${await startShop()}/orders` }
  const { worker, receiver } = await runWorker(readBuilt(`${import.meta.dirname}/dist`), vars)
  const { text } = await placeOrder(worker)
  await worker.settled()
  await worker.evict()
  expect(text).toBe('{"inStock":true}\n{"left":[999,999]}\n{"placed":"order-1"}\n{"done":true}\n')
  const steps = ['POST /orders > POST', 'ask stock', 'reserve items > POST > take from stock']
  const order = [...steps, 'send receipt > process receipts > print receipt']
  const streamed = order.map((path) => `POST > stream progress > ${path}`)
  expect(toPaths(receiver.spans)).toEqual([...streamed, 'POST > update bestsellers', 'Stock/has > read stock'])
})
