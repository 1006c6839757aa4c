/** Handlers of every build: what a Worker may export, and what its code may do to itself. */
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers'

class Secretive {
  #visits = 0
  static made = 0
  constructor() {
    Secretive.made++
  }
  get fetch() {
    return this.#handle
  }
  #handle(this: Secretive): Response {
    return new Response(`private ${++this.#visits} ${this instanceof Secretive}`)
  }
}

/** A getter that gives a new function each time, private state, a prototype. */
export const secretive = new Secretive()

/** Nothing of its own: all is inherited. */
export const inheriting = Object.create({ fetch: () => new Response('inherited') })

export class Base extends WorkerEntrypoint {
  fetch(): Response {
    return new Response(`${this.constructor.name} ${this.describe()}`)
  }
  describe(): string {
    return 'base'
  }
}

export class Derived extends Base {
  readonly #own: string
  constructor(...args: ConstructorParameters<typeof Base>) {
    super(...args)
    this.#own = `${new.target === Derived} ${new.target.name}`
  }
  override describe(): string {
    return `derived ${this.#own} ${this instanceof Derived} ${this instanceof Base} ${Derived.length}`
  }
  own = () => 'not callable remotely'
  async *[Symbol.asyncIterator]() {}
}

/** The oldest form of a Durable Object: no base class. */
export class Legacy {
  readonly #state: { storage: unknown }
  constructor(state: { storage: unknown }) {
    this.#state = state
  }
  async fetch(): Promise<Response> {
    return new Response(`legacy ${typeof this.#state.storage}`)
  }
}

export class Talker extends DurableObject {
  async webSocketMessage(socket: WebSocket, message: string): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.send(`${this.constructor.name} heard ${message}`)
  }
  fetch(): Response {
    const pair = new (globalThis as never as { WebSocketPair: new () => [WebSocket, WebSocket] }).WebSocketPair()
    const { 0: client, 1: server } = pair
    ;(this.ctx as never as { acceptWebSocket(socket: WebSocket): void }).acceptWebSocket(server)
    return new Response(null, { status: 101, webSocket: client } as ResponseInit)
  }
}

/** Utilities beside the handlers. */
export function helper(): string {
  return 'help'
}

interface Service {
  fetch(request: Request | string): Promise<Response>
}
interface Namespace {
  idFromName(name: string): string
  get(id: string): Service & Record<string, () => Promise<unknown>>
}
type Env = Record<'SECRETIVE' | 'INHERITING' | 'BASE' | 'DERIVED', Service & Record<string, () => Promise<unknown>>> &
  Record<'LEGACY' | 'TALKER', Namespace>

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, route = ''] = new URL(request.url).pathname.split('/')
    if (route === 'own') return Response.json(await env.DERIVED['own']!().catch(String))
    if (route === 'missing') return Response.json(await env.DERIVED['nothing']!().catch(String))
    if (route === 'utility') return new Response(`${helper()} ${new Legacy({ storage: 1 }) instanceof Legacy}`)
    if (route === 'legacy') return env.LEGACY.get(env.LEGACY.idFromName('a')).fetch(request)
    if (route === 'talker') return env.TALKER.get(env.TALKER.idFromName('a')).fetch(request)
    const service = env[route.toUpperCase() as 'BASE']
    return service ? service.fetch(request) : new Response('no such route', { status: 404 })
  },
}
