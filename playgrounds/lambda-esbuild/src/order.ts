/** The business code. It knows spans by plain `@opentelemetry/api`, and nothing of an SDK, an exporter or a flush. */
import { inSpan } from './in-span.ts'

interface Request {
  items: string[]
  card: string
}

export interface Order {
  id: string
  items: string[]
  total: number
}

export async function placeOrder(body: string | undefined): Promise<Order> {
  const { items, card } = JSON.parse(body ?? '{}') as Request
  const prices = await inSpan('fetch prices', () => callShop<number[]>(`/prices?items=${items.join()}`))
  const total = prices.reduce((sum, price) => sum + price, 0)
  const { id } = await inSpan('charge card', async (span) => {
    span.setAttribute('order.total', total)
    return callShop<{ id: string }>('/charges', { method: 'POST', body: JSON.stringify({ card, total }) })
  })
  return { id, items, total }
}

async function callShop<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(`${process.env.SHOP_URL}${path}`, init)
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as T
}
