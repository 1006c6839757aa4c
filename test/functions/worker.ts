/** A Worker for the tests: children, background work, streams, a Durable Object, a queue, RPC. */
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers'
import { trace } from '@opentelemetry/api'

interface Env {
  readonly COUNTER: { idFromName(name: string): string; get(id: string): Counter }
  readonly ADMIN: Admin
}
interface Context {
  waitUntil(work: Promise<unknown>): void
}

const tracer = trace.getTracer('worker')
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const child = (name: string, ms: number) =>
  tracer.startActiveSpan(name, async (span) => {
    await sleep(ms)
    span.end()
  })

export class Counter extends DurableObject {
  declare protected readonly ctx: Context & { readonly storage: { setAlarm(at: number): Promise<void> } }
  #count = 0
  readonly #label = 'count'

  get label() {
    return this.#label
  }
  increment(by = 1): number {
    return this.#add(by)
  }
  /** Calls another public method: no invocation of its own. */
  async twice(): Promise<number> {
    await child('twice', 2)
    this.increment()
    return this.increment()
  }
  fail(): never {
    throw new TypeError('not today')
  }
  async fetch(request: Request): Promise<Response> {
    this.ctx.waitUntil(child('object background', 20))
    return new Response(`${this.constructor.name} ${new URL(request.url).pathname} ${this.increment()}`)
  }
  async wake(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + 10)
  }
  async alarm(): Promise<void> {
    await child('on alarm', 1)
  }
  #add(by: number): number {
    return (this.#count += by)
  }
}

export class Admin extends WorkerEntrypoint {
  #greeting = 'hello'
  async greet(name: string): Promise<string> {
    await child('greeting', 2)
    return `${this.#greeting} ${name}`
  }
}

export default {
  async fetch(request: Request, env: Env, ctx: Context): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    const n = searchParams.get('n')
    if (pathname === '/background') {
      await child(`child ${n}`, 5)
      ctx.waitUntil(child(`background ${n}`, 30))
      return new Response(`answer ${n}`)
    }
    if (pathname === '/mixed') {
      await tracer.startActiveSpan(`outer ${n}`, async (span) => {
        await sleep(Math.random() * 30)
        await child(`inner ${n}`, Math.random() * 10)
        span.end()
      })
      ctx.waitUntil(sleep(Math.random() * 20).then(() => child(`after ${n}`, 1)))
      return new Response(`mixed ${n}`)
    }
    const counter = env.COUNTER.get(env.COUNTER.idFromName('one'))
    if (pathname === '/rpc') return Response.json([counter.label, await counter.increment(2), await counter.twice()])
    if (pathname === '/alarm') return Response.json((await counter.wake()) ?? 'set')
    if (pathname === '/rpc-error') return Response.json(await Promise.resolve(counter.fail()).catch(String))
    if (pathname === '/object') return counter.fetch(request)
    if (pathname === '/admin') return new Response(await env.ADMIN.greet('you'))
    return new Response('not found', { status: 404 })
  },
  async scheduled(_controller: unknown, _env: Env, ctx: Context): Promise<void> {
    await child('scheduled work', 2)
    ctx.waitUntil(child('scheduled background', 10))
  },
  async queue(batch: { messages: readonly { ack(): void }[] }): Promise<void> {
    await child('queue work', 2)
    for (const message of batch.messages) message.ack()
  },
}
