/** Several copies of the runtime in one process: what each has loaded is its own, what the process has is one. */
import { afterEach, expect, test, vi } from 'vitest'
import { slot } from '../../src/runtime/slot.ts'
import type { Config } from '../../src/runtime/config.ts'
import { startReceiver } from '../harness/otlp-receiver.ts'

async function loadTransport() {
  vi.resetModules()
  return import('../../src/runtime/transport-node.ts')
}

afterEach(() => {
  slot.isExiting = false
})

test('what one has sent, or is given when the process ends, another one finds there', async () => {
  const receiver = await startReceiver({ mode: 'hang' })
  const [one, other] = [await loadTransport(), await loadTransport()]
  expect(one.nodeTransport).not.toBe(other.nodeTransport)
  const config = { endpoint: new URL(`${receiver.url}/v1/traces`), headers: {}, gzip: false } as unknown as Config
  const payload = new TextEncoder().encode('{}')
  void one.nodeTransport.send(config, 'application/json', payload, 1000)
  const requests = other.stopSending()
  expect(Array.from(requests, ([, body]) => body)).toEqual([payload])
  void one.nodeTransport.send(config, 'application/json', payload, 1000)
  expect(requests.size).toBe(2)
  await receiver.stop()
})
