/** A variant of the Worker in workerd, and an order to it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startWorkerd, type ClientResponse, type WorkerdHost } from '../../test/harness/workerd-host.ts'
import { toOrder } from '../demo/rounds.ts'
import { bundle, type Variant } from './variants.ts'

export async function startVariant(
  variant: Variant,
  folder: string,
  urls: { orders: string; collector: string },
): Promise<WorkerdHost> {
  const options = await bundle(variant, folder)
  const vars = { ORDERS_URL: `${urls.orders}/orders`, OTEL_EXPORTER_OTLP_ENDPOINT: urls.collector }
  return startWorkerd({ ...options, vars: { ...options.vars, ...vars } })
}

/** Returns when the queue has delivered the receipt; what it and others do in the background goes on. */
export async function placeOrder(worker: WorkerdHost): Promise<ClientResponse> {
  const countReceipts = () => worker.invocations.filter(({ kind }) => kind === 'queue').length
  const before = countReceipts()
  const headers = { 'content-type': 'application/json' }
  const response = await worker.request('/orders', { method: 'POST', headers, body: toOrder() })
  if (!response.complete || !response.text.includes('"done"')) {
    const said = worker.console.map(({ message }) => message).filter((message) => !message.includes('"ledger"'))
    throw new Error(`the Worker answered ${response.status} ${response.text}\n--- its console ---\n${said.join('\n')}`)
  }
  const giveUpAt = Date.now() + 5000
  while (countReceipts() === before) {
    if (Date.now() > giveUpAt) throw new Error('the queue did not deliver the receipt')
    await sleep(1)
  }
  return response
}
