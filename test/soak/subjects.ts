/** Ways to end, each with as many spans as the call says. */
import type { ColumnId } from '../scenarios/scenario.ts'

export interface Subject {
  readonly column: ColumnId
  readonly source: string
  /** Lambda ends the environment by it: the time that it takes is the function's timeout. */
  readonly isTimeout?: boolean
}

const work = `
  async function work({ spans }) {
    root()
    for (let i = 0; i < spans; i++) await span('step', () => {})
  }`

const lambda = (column: ColumnId, body: string, parameters = 'event, context'): Subject => ({
  column,
  source: `${work}\nexport const handler = async (${parameters}) => { await work(event); ${body} }`,
})
const callback = (body: string): Subject => ({
  column: 'lambda-v3',
  source: `${work}\nexport const handler = (event, context, callback) => { work(event).then(() => { ${body} }) }`,
})
const streaming = (body: string): Subject => ({
  column: 'lambda-streaming',
  source: `${work}\nexport const handler = awslambda.streamifyResponse(async (event, stream) => { await work(event); ${body} })`,
})
const worker = (body: string): Subject => ({
  column: 'workers',
  source: `${work}
    const encoder = new TextEncoder()
    export default { async fetch(request, env, ctx) {
      const given = { spans: Number(new URL(request.url).searchParams.get('spans')) }
      ${body}
    } }`,
})

const server = (body: string): Subject => ({
  column: 'node',
  source: `import { createServer } from 'node:http'
    ${work}
    listen(createServer(async (request, response) => {
      await work({ spans: Number(new URL(request.url, 'http://host').searchParams.get('spans')) })
      ${body}
    }))`,
})

export const subjects = {
  'lambda-v4, value': lambda('lambda-v4', 'return { ok: true }'),
  'lambda-v4, throw': lambda('lambda-v4', "throw new TypeError('no')"),
  'lambda-v4, a string is thrown': lambda('lambda-v4', "throw 'no'"),
  'lambda-v4, a span is left open': lambda('lambda-v4', "open('left'); return 1"),
  'lambda-v4, sync': {
    column: 'lambda-v4',
    source: `export const handler = (event) => { root(); for (let i = 0; i < event.spans; i++) void span('step', () => {}); return 'sync' }`,
  },
  'lambda-v4, exit': lambda('lambda-v4', 'process.exit(3)'),
  'lambda-v4, uncaught': lambda(
    'lambda-v4',
    "setTimeout(() => { throw new RangeError('late') }, 5); await sleep(1000)",
  ),
  'lambda-v4, never settles': {
    ...lambda('lambda-v4', 'setInterval(() => {}, 100); await new Promise(() => {})'),
    isTimeout: true,
  },
  'lambda-v3, value': lambda('lambda-v3', 'return { ok: true }'),
  'lambda-v3, reject': lambda('lambda-v3', "await Promise.reject(new Error('no'))"),
  'lambda-v3, unhandled': lambda('lambda-v3', "void Promise.reject(new Error('nobody')); await sleep(1000)"),
  'lambda-v3, callback': callback('callback(null, { ok: true })'),
  'lambda-v3, callback with an error': callback("callback(new Error('no'))"),
  'lambda-v3, callback, no empty loop': callback(
    'context.callbackWaitsForEmptyEventLoop = false; setInterval(() => {}, 50); callback(null, 1)',
  ),
  'lambda-v3, done': callback('context.done(null, 1)'),
  'lambda-v3, fail': callback("context.fail(new Error('no'))"),
  'lambda-streaming, chunks': streaming(
    "for (let i = 0; i < 3; i++) { stream.write('chunk'); await sleep(5) } stream.end()",
  ),
  'lambda-streaming, prelude': streaming(
    "stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: {} }); stream.write('a'); stream.end()",
  ),
  'lambda-streaming, empty': streaming('stream.end()'),
  'lambda-streaming, error midway': streaming("stream.write('a'); await sleep(5); throw new Error('midway')"),
  'workers, value': worker("await work(given); return new Response('done')"),
  'workers, throw': worker("await work(given); throw new TypeError('no')"),
  'workers, waitUntil': worker(
    "root(); ctx.waitUntil(sleep(20).then(() => work(given))); return new Response('later')",
  ),
  'workers, stream': worker(`
    const body = new ReadableStream({ async start(controller) {
      await work(given); controller.enqueue(encoder.encode('a')); await sleep(5); controller.close()
    } })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })`),
  'workers, stream breaks off': worker(`
    const body = new ReadableStream({ async start(controller) {
      await work(given); controller.enqueue(encoder.encode('a')); await sleep(5); controller.error(new Error('midway'))
    } })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })`),
  'node, value': server("response.end('done')"),
  'node, a span is left open': server("open('left'); response.end('done')"),
  'node, stream': server("response.write('a'); await sleep(5); response.end('b')"),
  'node, stream breaks off': server("response.write('a'); await sleep(5); response.destroy(new Error('midway'))"),
} satisfies Record<string, Subject>
