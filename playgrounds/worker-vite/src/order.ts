/** An order that the caller watches: each step is a line of the response, written while the next one runs. */
import { context, propagation, SpanKind } from '@opentelemetry/api'
import { inSpan } from './in-span.ts'
import type { Context, Env, Receipt } from './env.ts'

export interface Order {
  readonly items: string[]
  readonly card: string
}

export function placeOrder(order: Order, env: Env, ctx: Context): Response {
  ctx.waitUntil(inSpan('update bestsellers', () => sleep(50)))
  const body = new ReadableStream<Uint8Array>({
    // Long after the handler has returned its response.
    start: (lines) =>
      inSpan('stream progress', async () => {
        const write = (step: object) => lines.enqueue(new TextEncoder().encode(`${JSON.stringify(step)}\n`))
        write({ inStock: await askStock(order, env) })
        write({ left: await takeFromStock(order, env) })
        const receipt = await callLambda(order, env)
        write({ placed: receipt.id })
        await inSpan('send receipt', () => env.RECEIPTS.send(withTraceparent(receipt)), { kind: SpanKind.PRODUCER })
        write({ done: true })
        lines.close()
      }),
  })
  return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } })
}

/** RPC has no place for a parent: what the object does for it is a trace of its own. */
function askStock({ items }: Order, env: Env): Promise<boolean> {
  return inSpan('ask stock', () => env.STOCK.getByName('main').has(items))
}

function takeFromStock({ items }: Order, env: Env): Promise<number[]> {
  return inSpan('reserve items', async () => {
    const headers = withTraceparent({})
    const request = new Request('http://stock/take', { method: 'POST', headers, body: JSON.stringify(items) })
    return (await env.STOCK.getByName('main').fetch(request)).json() as Promise<number[]>
  })
}

function callLambda(order: Order, env: Env): Promise<Receipt> {
  const call = async (): Promise<Receipt> => {
    const headers = withTraceparent({ 'content-type': 'application/json' })
    const response = await fetch(env.ORDERS_URL, { method: 'POST', headers, body: JSON.stringify(order) })
    if (!response.ok) throw new Error(await response.text())
    return response.json() as Promise<Receipt>
  }
  return inSpan('POST /orders', call, { kind: SpanKind.CLIENT })
}

/** By hand, because outgoing calls are not instrumented yet. */
function withTraceparent<T extends object>(carrier: T): T {
  propagation.inject(context.active(), carrier)
  return carrier
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
