/** The front door of a shop. It knows spans by plain `@opentelemetry/api`, and nothing of an SDK or a flush. */
import type { Batch, Context, Env } from './env.ts'
import { inSpan } from './in-span.ts'
import { placeOrder, type Order } from './order.ts'

export { Stock } from './stock.ts'

export default {
  async fetch(request: Request, env: Env, ctx: Context): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname !== '/orders') return new Response('not found', { status: 404 })
    return placeOrder((await request.json()) as Order, env, ctx)
  },

  async queue({ messages }: Batch): Promise<void> {
    for (const message of messages) {
      await inSpan('print receipt', async (span) => span.setAttribute('order.total', message.body.total))
      message.ack()
    }
  },
}
