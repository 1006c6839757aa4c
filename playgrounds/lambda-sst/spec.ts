import { expect, test } from 'vitest'
import { isInstallable } from '../../test/projects/sst/build.ts'
import { buildWithSst, expectAfterResponse, invoke, runLambda, toHttpEvent, toPaths } from '../playground.ts'

test.skipIf(!isInstallable)("an order, by the CLI's own plugin bridge", async () => {
  const { built, report } = await buildWithSst(import.meta.dirname, 'src/orders.ts')
  expect(report).toContain('wrapped  src/orders.ts:6:14 place (onEvent)')
  const lambda = await runLambda(built, 'bundle.place')
  const { text } = await invoke(lambda, toHttpEvent('POST /orders', { items: ['espresso'] }))
  expect(text).toBe(JSON.stringify({ statusCode: 201, body: '{"id":"order-1","items":["espresso"]}' }))
  expect(toPaths(lambda.receiver.spans)).toEqual(['POST /orders > save order'])
  expectAfterResponse(lambda)
})
