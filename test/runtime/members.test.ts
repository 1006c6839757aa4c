/** Objects of handlers that cannot be changed, or not by us: each is an invocation all the same. */
import { afterAll, expect, test } from 'vitest'
import { als } from '../../src/runtime/context/als.ts'
import { encoding } from '../../src/runtime/encoding/json.ts'
import { host } from '../../src/runtime/hosts/workerd.ts'
import { instrumentMembers } from '../../src/runtime/members.ts'
import { setup } from '../../src/runtime/node.ts'
import { onFetch } from '../../src/runtime/platforms/cloudflare.ts'
import { startReceiver } from '../harness/otlp-receiver.ts'

interface Worker {
  fetch(request: Request, env: object, ctx: { waitUntil(): void }): Response
}

const receiver = await startReceiver()
afterAll(() => receiver.stop())

const fetch = () => new Response('hi')
const getter = { enumerable: true, get: () => fetch }

test.each<[string, object]>([
  ['sealed', Object.seal({ fetch })],
  ['frozen', Object.freeze({ fetch })],
  ['frozen, with a getter', Object.freeze(Object.defineProperty({}, 'fetch', getter))],
  ['the namespace of a module, as bundlers write it', Object.defineProperty({}, 'fetch', getter)],
  // `import * as worker from './worker.js'; export default worker`
  [
    'the namespace of a module',
    await import(String('data:text/javascript,export const fetch = () => new Response("hi")')),
  ],
])('%s', async (_, handlers) => {
  receiver.reset()
  const meta = { file: 'src/app.ts', name: 'default', line: 1 }
  const parts = setup({}, host, als, encoding)
  const worker = instrumentMembers({ fetch: onFetch as never }, {}, handlers, meta, parts) as Worker
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const response = worker.fetch(new Request('https://app.example/orders'), env, { waitUntil() {} })
  expect(await response.text()).toBe('hi')
  expect(await receiver.waitForSpans(1)).toMatchObject([{ attributes: { 'url.path': '/orders' } }])
})
