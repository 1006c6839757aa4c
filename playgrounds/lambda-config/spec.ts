import { expect, test } from 'vitest'
import { startReceiver } from '../../test/harness/otlp-receiver.ts'
import { build, invoke, runLambda } from '../playground.ts'
import { toEvent } from './event.ts'

test('each key of otel.config.ts', async () => {
  expect(await build(import.meta.dirname)).toContain('config   otel.config.ts (context, resource, spanProcessors')
  const second = await startReceiver()
  const lambda = await runLambda(`${import.meta.dirname}/dist`, 'orders.handler', { SECOND_ENDPOINT: second.url })
  for (const path of ['/orders/1', '/health'])
    expect((await invoke(lambda, toEvent(path))).json().body).toBe('an order')
  const { attributes, children, resource } = lambda.receiver.traces()[0]!.roots[0]!
  const own = { 'user.id': 'u_7', 'session.id': 's7', 'tenant.id': 'acme', 'order.found': true }
  expect({ ...attributes, ...resource }).toMatchObject({ ...own, 'service.namespace': 'shop' })
  expect(children.map((child) => child.attributes['customer.email'])).toEqual(['***'])
  // Three by the processor, which gets them as they are recorded, and the two that are sent by the exporter.
  expect([lambda.receiver.spans.length, second.spans.length]).toEqual([2, 5])
  await second.stop()
})
