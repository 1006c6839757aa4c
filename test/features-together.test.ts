/** Features that stand around one another, and answers that they see. */
import path from 'node:path'
import { expect, test } from 'vitest'
import { deployWorker } from './deploy-worker.ts'
import { buildFunction, deploy, invoke } from './deploy.ts'
import { startNodeServer, ask } from './harness/node-server.ts'
import { startReceiver } from './harness/otlp-receiver.ts'
import { startUpstream } from './harness/upstream.ts'

const HANDLER = `
import { trace } from '@opentelemetry/api'
export const handler = async () => {
  const span = trace.getTracer('app').startSpan('work', { attributes: { secret: 's3cret' } })
  span.setStatus({ code: 2 })
  span.end()
  trace.getTracer('app').startSpan('well').end()
  return globalThis.seen ?? []
}
`

test('redact and beforeSend under debug, and what fails in them is not sent', async () => {
  const config = `export default {
    redact: (key, value) => (key === 'secret' ? undefined : value),
    beforeSend(span) {
      if (span.name === 'well') throw new Error('as asked')
    },
  }`
  const deployment = await deploy(HANDLER, { config, otel: { debug: true } })
  await invoke(deployment)
  const { spans } = deployment.receiver
  expect(spans.find(({ name }) => name === 'work')!.attributes).toEqual({})
  expect(spans.map(({ name }) => name)).not.toContain('well')
  expect(spans).toHaveLength(2)
})

test('processors see what sampling leaves out', async () => {
  const config = `
    globalThis.seen = []
    const processor = { onStart() {}, onEnd: ({ name }) => void globalThis.seen.push(name), forceFlush: async () => {}, shutdown: async () => {} }
    export default { spanProcessors: [processor] }`
  const sampling = { ratio: 0, keepColdStarts: false, keepErrors: false }
  const deployment = await deploy(HANDLER, { config, otel: { sampling } })
  await invoke(deployment)
  expect((await invoke(deployment)).json()).toEqual(['work', 'well', 'harness', 'work', 'well', 'harness'])
  expect(deployment.receiver.spans).toEqual([])
})

test.each([
  ['pairs', `[['content-type', 'text/x'], ['x-a', 'b']]`],
  ['a list', `['content-type', 'text/x', 'x-a', 'b']`],
  ['an object', `{ 'content-type': 'text/x', 'x-a': 'b' }`],
])('a head that is written with %s gets the header of the trace, too', async (_, headers) => {
  const receiver = await startReceiver()
  const source = `import { createServer } from 'node:http'
    const server = createServer((request, response) => void response.writeHead(201, ${headers}).end('answer'))
    server.listen(0, '127.0.0.1', () => console.log('listening on ' + server.address().port))`
  const folder = await buildFunction(source, { otel: { platform: 'node-server', responseHeader: 'x-trace-id' } })
  const server = await startNodeServer(path.join(folder, 'index.mjs'), { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  const answer = await ask(server.url, {})
  expect([answer.status, answer.body]).toEqual([201, 'answer'])
  const given = answer.headers.map((line) => line.toLowerCase())
  expect(given).toEqual(expect.arrayContaining(['content-type: text/x', 'x-a: b']))
  expect(given.filter((line) => /^x-trace-id: [0-9a-f]{32}$/.test(line))).toHaveLength(1)
  await server.signal('SIGTERM')
  await receiver.stop()
})

test('headers that can be read once arrive, also where nothing is added to them', async () => {
  const upstream = await startUpstream()
  const source = `export default { fetch: async (request, env) => {
    await fetch(env.UPSTREAM, { headers: new Map([['authorization', 'mine']]).entries() })
    return new Response('answer')
  } }\n`
  const vars = { UPSTREAM: upstream.url.replace('127.0.0.1', 'localhost') }
  const { worker } = await deployWorker(source, { vars, otel: { propagateTo: { except: ['localhost'] } } })
  await (await worker.fetch('/')).text()
  expect(upstream.asked[0]!.headers).toMatchObject({ authorization: 'mine' })
  expect(upstream.asked[0]!.headers['traceparent']).toBeUndefined()
})
