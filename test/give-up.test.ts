/** A request that is never answered: given up after half a minute, and sent again. */
import { onTestFinished, expect, test } from 'vitest'
import { buildFunction, functions } from './deploy.ts'
import { ask, startNodeServer } from './harness/node-server.ts'
import { startReceiver } from './harness/otlp-receiver.ts'
import path from 'node:path'

const SOURCE = `
import { createServer } from 'node:http'
import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
listen(createServer((request, response) => response.end('done')))
`

test('its spans arrive by the next one, with the same ids', async () => {
  const receiver = await startReceiver({ mode: 'hang' })
  onTestFinished(() => receiver.stop())
  const folder = await buildFunction(SOURCE, {
    otel: { platform: 'node-server', batching: { scheduledDelayMillis: 50 } },
  })
  const server = await startNodeServer(`${folder}/index.mjs`, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  await ask(server.url)
  await expect.poll(() => receiver.requests.length, { timeout: 10_000 }).toBe(1)
  const [first] = receiver.requests[0]!.spans
  await receiver.set({ mode: 'ok' })
  await expect.poll(() => server.output(), { timeout: 60_000, interval: 500 }).toContain('no answer in 30000 ms')
  // Once its pause is over, too.
  await expect
    .poll(async () => (await ask(server.url), receiver.spans.map(({ spanId }) => spanId)), {
      timeout: 60_000,
      interval: 1000,
    })
    .toContain(first!.spanId)
  expect(receiver.spans.filter(({ spanId }) => spanId === first!.spanId)).toHaveLength(1)
})
