import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { build, expectAfterResponse, invoke, runLambda, toPaths } from '../playground.ts'

test('two orders from a queue, of which one fails', async () => {
  expect(await build(import.meta.dirname)).toContain('wrapped  src/invoices.ts:5:14 handler (onEvent)')
  const lambda = await runLambda(`${import.meta.dirname}/dist`, 'invoices.handler')
  const { text } = await invoke(lambda, JSON.parse(readFileSync(`${import.meta.dirname}/event.json`, 'utf8')))
  expect(text).toBe('{"batchItemFailures":[{"itemIdentifier":"2"}]}')
  const print = 'process orders > print invoice'
  expect(toPaths(lambda.receiver.spans)).toEqual([print, print])
  const failed = lambda.receiver.spans.filter(({ status }) => status.code === 2)
  expect(failed.map(({ attributes }) => attributes['order.id'])).toEqual(['order-2'])
  expectAfterResponse(lambda)
})
