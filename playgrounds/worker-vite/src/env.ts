/** The bindings of wrangler.jsonc, as far as they are used; `wrangler types` would write all of them. */
import type { Stock } from './stock.ts'

export interface Env {
  readonly STOCK: { getByName(name: string): Stub<Stock> }
  readonly RECEIPTS: { send(message: Receipt): Promise<void> }
  /** Where the Lambda function takes orders. */
  readonly ORDERS_URL: string
}

export interface Context {
  waitUntil(work: Promise<unknown>): void
}

export interface Batch {
  readonly queue: string
  readonly messages: readonly { readonly body: Receipt; ack(): void }[]
}

export interface Receipt {
  readonly id: string
  readonly total: number
  /** Queues have no headers: the trace goes on by this field. */
  readonly traceparent?: string
}

type Stub<T> = { [method in keyof T]: T[method] }
