/** What others say of an export, without what was sent. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { masked } from '../../src/runtime/masked.ts'
import type { AddressInfo } from 'node:net'
import type { Config } from '../../src/runtime/config.ts'
import type { Transport } from '../../src/runtime/exporter.ts'

const config = (endpoint: string, headers = {}) => ({ endpoint: new URL(endpoint), headers }) as Config

test.each([
  ['Deno quotes the URL: http://h/otlp-k3y/v1/traces?t=tok3n', 'Deno quotes the URL: http://h/***-***/v1/***?t=***'],
  ['in JSON \\u003ctok3n\\u003e \\"K3Y-1\\/x\\"', 'in JSON \\u003c***\\u003e \\"***-1\\/x\\"'],
  ['in a URL %20tok3n%2FK3Y-1', 'in a URL %20***%2F***-1'],
  ['cut off: tok', 'cut off: ***'],
  [`Basic ${Buffer.from('usér:p@ss').toString('base64')}`, 'Basic ***=='],
  ['span too old, 3 rejected', 'span too old, 3 rejected'],
])('%s', (text, expected) => {
  expect(masked(text, config('http://us%C3%A9r:p%40ss@h/otlp-k3y/v1/traces?t=tok3n', { 'x-a': 'K3Y-1' }))).toBe(
    expected,
  )
})

/** It throws at credentials in a URL, and quotes them. */
test('by the fetch of Node, too, the credentials of the endpoint are sent', async () => {
  const server = createServer(({ headers }, response) => response.end(headers.authorization)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  // Not by its name: its types are those of the Web.
  const file: string = '../../src/runtime/transport-fetch.ts'
  const { fetchTransport } = (await import(file)) as { fetchTransport: Transport }
  const endpoint = `http://user:p%40ss@127.0.0.1:${(server.address() as AddressInfo).port}/`
  expect(await fetchTransport.send(config(endpoint), 'application/json', Buffer.from('{}'), 5000)).toMatchObject({
    status: 200,
    text: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
  })
})
