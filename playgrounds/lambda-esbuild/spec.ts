import { expect, test } from 'vitest'
import { build, expectAfterResponse, invoke, runLambda, startShop, toHttpEvent, toPaths } from '../playground.ts'

test('an order', async () => {
  expect(await build(import.meta.dirname)).toContain('wrapped  src/handler.ts:5:14 handler (onEvent)')
  const env = { SHOP_URL: await startShop() }
  const lambda = await runLambda(`${import.meta.dirname}/dist`, 'handler.handler', env)
  const order = { items: ['espresso', 'croissant'], card: 'valid' }
  const { text } = await invoke(lambda, toHttpEvent('POST /orders', order))
  const body = JSON.stringify({ id: 'order-1', items: order.items, total: 17 })
  expect(text).toBe(JSON.stringify({ statusCode: 201, body }))
  const steps = ['charge card > POST', 'fetch prices > GET', 'render receipt']
  expect(toPaths(lambda.receiver.spans)).toEqual(steps.map((name) => `POST /orders > ${name}`))
  expectAfterResponse(lambda)
})
