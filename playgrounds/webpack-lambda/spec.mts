import { expect, test } from 'vitest'
import { build, expectAfterResponse, invoke, runLambda, toHttpEvent, toPaths } from '../playground.ts'

test('a quote: CommonJS, behind middy', async () => {
  expect(await build(import.meta.dirname)).toMatch(/wrapped {2}src\/quotes\.mjs:\d+:\d+ handler \(onEvent\)/)
  const lambda = await runLambda(`${import.meta.dirname}/dist`, 'quotes.handler')
  const { text } = await invoke(lambda, toHttpEvent('POST /quotes', { items: ['espresso', 'croissant'] }))
  expect(text).toBe(JSON.stringify({ statusCode: 200, body: '{"total":480}' }))
  expect(toPaths(lambda.receiver.spans)).toEqual(['POST /quotes > add up'])
  expectAfterResponse(lambda)
})
