/** What other modules of the user's do with the exports of the entry: here it imports itself. */
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers'
// oxlint-disable-next-line import/no-self-import
import * as exported from './reflective-worker.ts'

interface Named {
  readonly name: string
}

export class Counter extends DurableObject {
  static made = 0
  static #secret = 0
  static reveal(): number {
    return ++this.#secret
  }
  readonly #by: string
  constructor(...args: ConstructorParameters<typeof DurableObject>) {
    super(...args)
    Counter.made++
    this.#by = new.target.name
  }
  count(): string {
    return `${this.#by} ${Counter.made} ${Counter.reveal()}`
  }
}

export class Locked extends WorkerEntrypoint {
  static readonly limits = [1, 2]
  fetch(): Response {
    return new Response(`locked ${Object.isFrozen(Locked)}`)
  }
}
Object.freeze(Locked)

/** A service with private state, whose methods the user calls, too. */
class Service {
  #calls = 0
  fetch(): Response {
    return new Response(`service ${this.bump()}`)
  }
  bump(): number {
    return ++this.#calls
  }
  get calls(): number {
    return this.#calls
  }
  set calls(value) {
    this.#calls = value
  }
}
export const service = new Service()

export const frozen = Object.freeze({ fetch: () => new Response('frozen'), helper: () => 'helps' })

interface Stub {
  fetch(request: Request | string): Promise<Response>
  count(): Promise<string>
}
type Env = Record<'COUNTER', { idFromName(name: string): string; get(id: string): Stub }> &
  Record<'LOCKED' | 'SERVICE' | 'FROZEN', Stub>

const routes: Record<string, (env: Env) => unknown> = {
  async counter({ COUNTER }) {
    const It = exported.Counter
    It.made = 40
    return [await COUNTER.get(COUNTER.idFromName('a')).count(), It.made, It.reveal(), Object.keys(It)]
  },
  reflection: () =>
    [exported.Counter, exported.Locked].map((It) => [
      It.name,
      It.length,
      Reflect.ownKeys(It),
      Object.hasOwn(It, 'made'),
      (Object.getPrototypeOf(It) as Named).name,
      Object.getPrototypeOf(It.prototype) === Object.getPrototypeOf(It).prototype,
      Object.isFrozen(It),
    ]),
  locked: async ({ LOCKED }) => (await LOCKED.fetch('http://a/')).text(),
  async service({ SERVICE }) {
    const answer = await (await SERVICE.fetch('http://a/')).text()
    exported.service.calls += 10
    return [answer, exported.service.bump(), service.calls]
  },
  frozen: async ({ FROZEN }) => [
    await (await FROZEN.fetch('http://a/')).text(),
    exported.frozen.helper(),
    Object.isFrozen(exported.frozen),
    Object.keys(exported.frozen),
  ],
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return Response.json(await routes[new URL(request.url).pathname.slice(1)]!(env))
  },
}
