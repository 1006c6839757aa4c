/** What the fixtures import, by the specifier that they use. */
export const standIns: Readonly<Record<string, string>> = {
  './app': `
    export const app = { handler: async () => 'app', main: { run: () => 'run', rest: 1 }, GET: () => 'get' }
    export async function handler(event) { return ['handled', event.id] }
    export { handler as run, handler as default }
    export const work = (event) => event, table = 'orders', runtime = 'nodejs'
    export async function GET() { return new Response('get') }
    export const createApp = (handle) => handle
    export const schedule = (cron, handle) => handle`,
  './orders': `export const handler = async (event) => ['handled', event.id], table = 'orders'`,
  './a': `export const a = () => 'a'`,
  './mine': `export const instrument = () => 'mine'`,
  './errors': `export const errors = () => 'errors'`,
  './types': `export {}`,
  './setup': `globalThis.isSetUp = true`,
  './build': `export const build = () => class Built { fetch() { return new Response('built') } }`,
  './nitro': `
    export const h = async (event) => ['nitro', event.id]
    export const createHandler = (hooks) => ({
      async fetch(request, env, context) {
        const url = new URL(request.url)
        return (await hooks.fetch?.(request, env, context, url)) ?? new Response(url.pathname)
      },
      scheduled(event) { return event.cron },
    })
    export const c = createHandler({})`,
  './counter': `export class Counter { alarm() { return 'counted' } }`,
  './base': `export default { scheduled: () => 'base' }`,
  '@middy/core': `
    export default (work) => {
      const handler = async (...args) => ['middy', await work(...args)]
      return Object.assign(handler, { use: () => handler })
    }`,
  '@netlify/functions': `
    export const schedule = (cron, handler) => handler
    export const stream = (handler) => (event, context) => handler(event, context)
    export const builder = (handler) => (event, context) => handler({ ...event }, context)`,
  'server-only': ``,
  'next/server': `export const NextResponse = { next: () => new Response('next') }`,
  'next/headers': `export const cookies = async () => ({ session: 'mine' })`,
  'serverless-http': `export default () => async () => 'served'`,
  'react/jsx-runtime': `export const jsx = (type, props) => ({ type, props }), jsxs = jsx`,
  'react/jsx-dev-runtime': `export const jsxDEV = (type, props) => ({ type, props })`,
  hono: `
    export class Hono {
      #routes = {}
      get(path, answer) { this.#routes[path] = answer }
      fetch(request) { return this.#routes[new URL(request.url).pathname]?.({ text: (text) => new Response(text) }) }
    }`,
  'cloudflare:workers': `
    class Constructed { constructor(ctx, env) { Object.assign(this, { ctx, env }) } }
    export class DurableObject extends Constructed {}
    export class WorkerEntrypoint extends Constructed {}
    export class WorkflowEntrypoint extends Constructed {}`,
}
