/** Who a request is for, from a Worker to a function, and to one that it invokes: on every span, and in no header to anybody else. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deployWorker } from './deploy-worker.ts'
import { deploy, invoke } from './deploy.ts'
import { startAws } from './harness/aws.ts'
import { startUpstream } from './harness/upstream.ts'

const WORKER = `
import { trace } from '@opentelemetry/api'
export default {
  async fetch(request, env) {
    trace.getTracer('app').startSpan('step').end()
    const [mine] = await Promise.all([fetch(env.MINE, { headers: { 'x-a': 'b' } }), fetch(env.OTHER)])
    return new Response(await mine.text())
  },
}
`
const WORKER_CONFIG = `
import { defineConfig, fromHeader } from 'unplugin-otel/config'
export default defineConfig({ context: { userId: fromHeader('x-user-id'), metadata: { plan: () => 'secret-plan' } } })
`
const FUNCTION = `
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { withContext } from 'unplugin-otel/runtime'
const client = new LambdaClient({})
export const handler = (event) => withContext({ groups: { team: 'blue' } }, async () => {
  await fetch(process.env.OTHER)
  const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'stock' }))
  return { statusCode: 200, body: 'for ' + event.headers.baggage + ': ' + JSON.parse(Payload.transformToString()) }
})
`
const INVOKED = `
import { trace } from '@opentelemetry/api'
export const handler = async () => {
  trace.getTracer('app').startSpan('count').end()
  await fetch(process.env.OTHER)
  return 'in stock'
}
`
const FUNCTION_CONFIG = `
import { defineConfig, fromBaggage } from 'unplugin-otel/config'
export default defineConfig({ context: { userId: fromBaggage('user.id') } })
`

test('the user of a Worker is that of the functions behind it', async () => {
  const other = await startUpstream()
  // By this name it is on no list.
  const otherUrl = other.url.replace('127.0.0.1', 'localhost')
  const stock = await deploy(INVOKED, { config: FUNCTION_CONFIG, lambda: { env: { OTHER: otherUrl } } })
  const aws = await startAws(async (clientContext) => (await invoke(stock, {}, { clientContext })).text)
  const lambda = await deploy(FUNCTION, {
    config: FUNCTION_CONFIG,
    project: path.join(import.meta.dirname, 'projects/aws-sdk'),
    otel: { platform: 'aws-lambda', libraries: ['fetch', 'http', 'aws-sdk'], propagateTo: { baggage: ['127.0.0.1'] } },
    esbuild: { mainFields: ['module', 'main'] },
    lambda: { env: { ...aws.env, OTHER: otherUrl } },
  })
  const gateway = createServer(async ({ headers, method = 'GET', url: rawPath }, response) => {
    const event = { version: '2.0', rawPath, headers, requestContext: { http: { method, path: rawPath } } }
    const { statusCode, body } = (await invoke(lambda, event)).json() as { statusCode: number; body: string }
    response.writeHead(statusCode).end(body)
  })
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void gateway.close())

  const { worker, receiver } = await deployWorker(WORKER, {
    config: WORKER_CONFIG,
    otel: { propagateTo: { baggage: ['127.0.0.1'] } },
    vars: { MINE: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/orders`, OTHER: otherUrl },
  })
  const answer = await worker.fetch('/', { headers: { 'x-user-id': 'u,7;x' } })
  expect(await answer.text()).toBe('for user.id=u%2C7%3Bx: in stock')
  await worker.settled()

  const spans = [...receiver.spans, ...lambda.receiver.spans, ...stock.receiver.spans]
  const names = spans.map(({ name }) => name)
  expect(names.toSorted()).toEqual(
    ['GET', 'GET', 'GET', 'GET', 'GET', 'GET', 'Lambda.Invoke', 'count', 'harness', 'step'].toSorted(),
  )
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
  expect(spans.map(({ attributes }) => attributes['user.id'])).toEqual(spans.map(() => 'u,7;x'))
  expect(other.asked).toHaveLength(3)
  for (const { headers } of other.asked) {
    expect(headers['traceparent']).toContain(spans[0]!.traceId)
    expect(JSON.stringify(headers)).not.toMatch(/baggage|u%2C7|u,7|blue|secret-plan/)
  }
})
