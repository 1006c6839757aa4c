/** A Worker with every kind of handler and no telemetry; for the tests of the harness. */
export const WORKER = `
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers'

let requests = 0
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const post = (env, body) => fetch(env.COLLECTOR, { method: 'POST', headers: { 'content-type': 'application/json' }, body })

export class Counter extends DurableObject {
  inMemory = 0
  async add() {
    this.ctx.waitUntil(sleep(50))
    const stored = ((await this.ctx.storage.get('count')) ?? 0) + 1
    await this.ctx.storage.put('count', stored)
    return { stored, inMemory: ++this.inMemory }
  }
  async wake() {
    await this.ctx.storage.setAlarm(Date.now() + 20)
    return {}
  }
  alarm() {
    console.info('alarm')
  }
}

export class Greeter extends WorkerEntrypoint {
  greet(name) {
    return 'hello ' + name
  }
}

const routes = {
  '/': () => Response.json({ requests: ++requests }),
  '/wait-until': (env, ctx) => {
    ctx.waitUntil(sleep(200).then(() => post(env, '{}')))
    return new Response('x')
  },
  '/stream': () => {
    let left = 3
    const source = new ReadableStream({
      async pull(controller) {
        await sleep(20)
        controller.enqueue(new TextEncoder().encode('chunk'))
        if (--left === 0) controller.close()
      },
    })
    return new Response(source)
  },
  '/endless': (env, ctx) => {
    const { readable, writable } = new IdentityTransformStream()
    const source = new ReadableStream({
      async pull(controller) {
        await sleep(5)
        controller.enqueue(new TextEncoder().encode('chunk'))
      },
    })
    ctx.waitUntil(source.pipeTo(writable).catch((error) => console.warn(error.message)))
    return new Response(readable)
  },
  '/hang': (env, ctx) => {
    ctx.waitUntil(fetch(env.HANGING).then(() => post(env, '{}')))
    return new Response('x')
  },
  '/add': async (env) => Response.json(await env.COUNTER.getByName('a').add()),
  '/wake': async (env) => Response.json(await env.COUNTER.getByName('a').wake()),
  '/send': async (env) => {
    await env.JOBS.send({ from: 'worker' })
    return new Response('x')
  },
  '/greet': async (env) => new Response(await env.OTHER.greet(env.NAME)),
  '/throw': () => {
    throw new Error('on purpose')
  },
}

export default {
  fetch: (request, env, ctx) => routes[new URL(request.url).pathname](env, ctx),
  scheduled(controller, env, ctx) {
    console.log(controller.cron)
    ctx.waitUntil(sleep(50))
  },
  queue(batch) {
    console.log(batch.queue, batch.messages.map((message) => message.body))
  },
}
`
