/** What a trace says: names, attributes, parents, links, cold starts, by the conventions of today. */
import path from 'node:path'
import { expect, test } from 'vitest'
import { deploy, functions, invoke, type Deployment } from './deploy.ts'
import type { ReceivedSpan } from './harness/otlp-receiver.ts'

const work = path.join(functions, 'work.ts')
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const traceparent = `00-${TRACE}-${PARENT}-01`

async function rootOf(
  deployment: Deployment,
  event: unknown,
  options?: Parameters<typeof invoke>[2],
): Promise<ReceivedSpan> {
  deployment.receiver.reset()
  await invoke(deployment, event, options)
  const root = deployment.receiver.spans.find(({ kind }) => kind === 2)
  if (!root) throw new Error('no root span arrived')
  return root
}

const HTTP_V2 = {
  version: '2.0',
  routeKey: 'POST /orders/{id}',
  rawPath: '/orders/7',
  rawQueryString: 'token=secret&page=2',
  queryStringParameters: { token: 'secret', page: '2' },
  headers: { traceparent, 'user-agent': 'test', authorization: 'Bearer secret' },
  requestContext: { http: { method: 'POST', path: '/orders/7' }, domainName: 'api.example.com', stage: '$default' },
}
const HTTP_V1 = {
  resource: '/orders/{id}',
  path: '/orders/7',
  httpMethod: 'GET',
  headers: { TraceParent: traceparent, Host: 'api.example.com' },
  multiValueHeaders: null,
  requestContext: { stage: 'prod', httpMethod: 'GET', resourcePath: '/orders/{id}' },
}
const sqs = (...parents: (string | undefined)[]) => ({
  Records: parents.map((parent, i) => ({
    messageId: `m${i}`,
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:123456789012:orders',
    body: '{}',
    messageAttributes: parent ? { traceparent: { stringValue: parent, dataType: 'String' } } : {},
  })),
})

test('HTTP: name, route, status, parent; no query values and no headers', async () => {
  const deployment = await deploy(work)
  const root = await rootOf(deployment, HTTP_V2)
  expect(root).toMatchObject({ name: 'POST /orders/{id}', traceId: TRACE, parentSpanId: PARENT, status: { code: 0 } })
  expect(root.attributes).toMatchObject({
    'faas.trigger': 'http',
    'http.request.method': 'POST',
    'http.route': '/orders/{id}',
    'url.path': '/orders/7',
    'url.query': 'token=&page=',
    'url.scheme': 'https',
    'server.address': 'api.example.com',
    'user_agent.original': 'test',
    'http.response.status_code': 200,
    'faas.invocation.id': expect.any(String),
    'cloud.account.id': expect.stringMatching(/^\d+$/),
  })
  expect(JSON.stringify(root)).not.toContain('secret')
  expect(await rootOf(deployment, HTTP_V1)).toMatchObject({
    name: 'GET /orders/{id}',
    traceId: TRACE,
    parentSpanId: PARENT,
  })
  const failed = await rootOf(deployment, { ...HTTP_V2, status: 503 })
  expect(failed).toMatchObject({
    status: { code: 2 },
    attributes: { 'error.type': '503', 'http.response.status_code': 503 },
  })
  expect(await rootOf(deployment, { ...HTTP_V2, status: 404 })).toMatchObject({ status: { code: 0 } })
})

test('messages: one shared context is the parent, several are links', async () => {
  const deployment = await deploy(work)
  const other = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  expect(await rootOf(deployment, sqs(traceparent))).toMatchObject({
    name: 'process orders',
    traceId: TRACE,
    parentSpanId: PARENT,
    links: [],
    attributes: {
      'faas.trigger': 'pubsub',
      'messaging.system.name': 'aws.sqs',
      'messaging.destination.name': 'orders',
      'messaging.message.id': 'm0',
    },
  })
  expect(await rootOf(deployment, sqs(traceparent, traceparent))).toMatchObject({
    traceId: TRACE,
    parentSpanId: PARENT,
  })
  const mixed = await rootOf(deployment, sqs(traceparent, other, undefined))
  expect(mixed.parentSpanId).toBeUndefined()
  expect(mixed.links.map(({ traceId }) => traceId)).toEqual([TRACE, 'a'.repeat(32)])
  expect(mixed.attributes['messaging.batch.message_count']).toBe(3)
})

test('X-Ray: a sampled segment is the parent, an unsampled one silences nothing, W3C comes first', async () => {
  const deployment = await deploy(work)
  const header = (sampled: number) =>
    `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=${sampled}`
  const xray = { traceId: '5759e988bd862e3fe1be46a994272793', parentSpanId: '53995c3f42cd8ad8' }
  expect(await rootOf(deployment, {}, { traceHeader: header(1) })).toMatchObject(xray)
  const unsampled = await rootOf(deployment, {}, { traceHeader: header(0) })
  expect(unsampled.parentSpanId).toBeUndefined()
  expect(unsampled.links).toMatchObject([{ traceId: xray.traceId, spanId: xray.parentSpanId }])
  expect(await rootOf(deployment, HTTP_V2, { traceHeader: header(1) })).toMatchObject({
    traceId: TRACE,
    parentSpanId: PARENT,
  })
})

test('a direct call brings its parent in the client context or the event; malformed ones start a new trace', async () => {
  const deployment = await deploy(work)
  expect(await rootOf(deployment, {}, { clientContext: { custom: { traceparent } } })).toMatchObject({
    parentSpanId: PARENT,
  })
  expect(await rootOf(deployment, { traceparent })).toMatchObject({ parentSpanId: PARENT })
  for (const bad of ['00-xyz', `00-${'0'.repeat(32)}-${PARENT}-01`, 7, { a: 1 }]) {
    expect((await rootOf(deployment, { traceparent: bad })).parentSpanId).toBeUndefined()
  }
})

test.each([
  null,
  'text',
  7,
  [],
  { Records: [] },
  { Records: [{}] },
  { Records: 'x' },
  { requestContext: {} },
  { headers: null, httpMethod: 'GET' },
  { headers: null, multiValueHeaders: { a: null }, httpMethod: 'GET' },
  { Records: [{ eventSource: 'aws:sqs', eventSourceARN: null, messageAttributes: null }] },
  { Records: [{ Sns: { MessageAttributes: null } }, null] },
  { eventSource: 'aws:kafka', records: { 'a-0': [{ topic: 'a', headers: null }] } },
])('an event of any shape makes a span: %j', async (event) => {
  const source = `export const handler = async (event: unknown) => ({ event })\n`
  const deployment = await deploy(source)
  expect((await invoke(deployment, event)).json()).toEqual({ event })
  expect(deployment.receiver.spans).toHaveLength(1)
})

test('the first invocation is the cold start, unless the environment was provisioned', async () => {
  const deployment = await deploy(work)
  const starts = [await rootOf(deployment, {}), await rootOf(deployment, {})]
  expect(starts.map(({ attributes }) => attributes['faas.coldstart'])).toEqual([true, false])
  const provisioned = await deploy(work, { lambda: { initializationType: 'provisioned-concurrency' } })
  expect((await rootOf(provisioned, {})).attributes['faas.coldstart']).toBe(false)
})

test('where the handler stands in the source', async () => {
  const deployment = await deploy(work)
  expect((await rootOf(deployment, {})).attributes).toMatchObject({
    'code.file.path': 'test/functions/work.ts',
    'code.function.name': 'handler',
    'code.line.number': expect.any(Number),
  })
})

test('the same parent twice at once: two invocations, two roots', async () => {
  const deployment = await deploy(work)
  await Promise.all([deployment.lambda.invoke(HTTP_V2), deployment.lambda.invoke(HTTP_V2)])
  const spans = await deployment.receiver.waitForSpans(8)
  expect(spans.filter(({ kind }) => kind === 2).map(({ traceId }) => traceId)).toEqual([TRACE, TRACE])
})

test('WebSocket: the parent of $connect, however its header is spelled', async () => {
  const deployment = await deploy(work)
  const requestContext = {
    connectionId: 'c',
    routeKey: '$connect',
    messageDirection: 'IN',
    domainName: 'ws.example.com',
  }
  const root = await rootOf(deployment, { requestContext, headers: { TraceParent: traceparent } })
  expect(root).toMatchObject({ name: 'WebSocket $connect', traceId: TRACE, parentSpanId: PARENT })
})
