import { DurableObject } from 'cloudflare:workers'
import { inSpan } from './in-span.ts'

interface State {
  readonly storage: {
    get(key: string): Promise<number | undefined>
    put(key: string, value: number): Promise<void>
  }
  waitUntil(work: Promise<unknown>): void
}

/** Of every item, in the morning. */
const DELIVERED = 1000

/** How much of everything is left. */
export class Stock extends DurableObject {
  declare protected readonly ctx: State

  /** Called over RPC. */
  has(items: string[]): Promise<boolean> {
    return inSpan('read stock', async () => {
      const left = await Promise.all(items.map((item) => this.#left(item)))
      return left.every((count) => count > 0)
    })
  }

  async fetch(request: Request): Promise<Response> {
    const items = (await request.json()) as string[]
    const left = await inSpan('take from stock', () => Promise.all(items.map((item) => this.#take(item))))
    return Response.json(left)
  }

  async #take(item: string): Promise<number> {
    const left = (await this.#left(item)) - 1
    await this.ctx.storage.put(item, left)
    return left
  }

  async #left(item: string): Promise<number> {
    return (await this.ctx.storage.get(item)) ?? DELIVERED
  }
}
