/** Everything that once was different with the plugin. */
import { DurableObject, RpcTarget } from 'cloudflare:workers'
import { trace } from '@opentelemetry/api'
import { find, keep, register } from './routes.ts'

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const open = () => trace.getTracer('worker').startSpan('still open')
let queries = 0

/** As query builders: it runs each time that somebody waits for it. */
class Query {
  // oxlint-disable-next-line unicorn/no-thenable
  then(done: (value: unknown) => void): void {
    queries++
    void sleep(5).then(done)
  }
}

export class NotFound extends Error {
  readonly status = 404
}

/** A class that is exported, and the other module's as well. */
export class Shelf {
  readonly #things: string[] = []
  fetch(thing: string): number {
    return this.#things.push(thing)
  }
}

class Remote extends RpcTarget {
  value(): number {
    return 3
  }
}

interface Stub {
  dup(): Stub
  value(): Promise<number>
}

export class Keeper extends DurableObject {
  declare protected readonly ctx: { waitUntil(work: Promise<unknown>): void }
  #stub: Stub | undefined
  keep(stub: Stub): void {
    this.#stub = stub.dup()
  }
  get remote(): Stub | undefined {
    return this.#stub
  }
  async overlapping(n: number): Promise<number> {
    await sleep(10)
    this.ctx.waitUntil(sleep(20 * n).then(() => trace.getTracer('worker').startSpan(`background ${n}`).end()))
    return n
  }
}

interface Env {
  readonly UPSTREAM: string
  readonly KEEPER: { idFromName(name: string): string; get(id: string): Keeper & { readonly remote: Stub } }
}
interface Context {
  waitUntil(work: unknown): void
}

const upstream = (env: Env, type: string) => fetch(`${env.UPSTREAM}?type=${type}`)

const routes: Record<string, (env: Env, ctx: Context) => unknown> = {
  async '/longer'(env) {
    open()
    const answer = await upstream(env, 'text/plain')
    return new Response((await answer.text()).replace('hello', 'a wonderful hello'), answer)
  },
  async '/shorter'(env) {
    open()
    const answer = await upstream(env, 'text/plain')
    return new Response((await answer.text()).slice(3), answer)
  },
  async '/stale-stream'(env) {
    const answer = await upstream(env, 'application/x-ndjson')
    return new Response(`${await answer.text()} and more`, answer)
  },
  async '/compressed'(env) {
    open()
    const answer = await upstream(env, 'text/plain')
    return new Response(answer.body!.pipeThrough(new CompressionStream('gzip')), answer)
  },
  async '/relayed'(env) {
    open()
    return upstream(env, 'text/plain')
  },
  '/relayed-stream': (env) => upstream(env, 'text/event-stream'),
  async '/query'(_env, ctx) {
    ctx.waitUntil(new Query())
    await sleep(30)
    return Response.json(queries)
  },
  '/detached'(_env, { waitUntil }) {
    try {
      waitUntil(sleep(1))
      return new Response('taken')
    } catch (error) {
      return new Response(String(error))
    }
  },
  '/nothing'(_env, ctx) {
    try {
      ;(ctx.waitUntil as () => void)()
      return new Response('taken')
    } catch (error) {
      return new Response((error as Error).name)
    }
  },
  '/hung': () => new Promise(() => {}),
  '/instance'() {
    try {
      return find('nothing')
    } catch (error) {
      return Response.json([error instanceof NotFound, (error as NotFound).status])
    }
  },
  '/shelf': () => Response.json(keep('a') + keep('b')),
  async '/stub'(env) {
    const keeper = env.KEEPER.get(env.KEEPER.idFromName('a'))
    await keeper.keep(new Remote() as never)
    return Response.json(await keeper.remote.value())
  },
  async '/overlapping'(env) {
    const keeper = env.KEEPER.get(env.KEEPER.idFromName('a'))
    return Response.json(await Promise.all([1, 2, 3, 4].map((n) => keeper.overlapping(n))))
  },
}

register()

export default {
  async fetch(request: Request, env: Env, ctx: Context): Promise<unknown> {
    const route = routes[new URL(request.url).pathname]
    return route ? route(env, ctx) : new Response('no such route', { status: 404 })
  },
}
