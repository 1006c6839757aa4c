/** A Worker whose answers are streams of every kind, and answers that must not be touched. */
import { waitUntil } from 'cloudflare:workers'
import { trace, type Span } from '@opentelemetry/api'

const tracer = trace.getTracer('worker')
const encoder = new TextEncoder()
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const SSE = { 'content-type': 'text/event-stream' }

declare const IdentityTransformStream: typeof TransformStream
declare const WebSocketPair: new () => { 0: WebSocket; 1: WebSocket & { accept(): void } }

/** Chunks every `ms`; `seen` counts what was pulled, so that back-pressure can be asked for. */
function chunks(count: number, ms: number, span: Span | undefined, failAt = Infinity, size = 8): ReadableStream {
  let n = 0
  return new ReadableStream({
    async pull(controller) {
      await sleep(ms)
      if (n === failAt) {
        span?.end()
        throw new Error('the source broke')
      }
      if (n++ < count) return controller.enqueue(encoder.encode(`${n}`.padEnd(size - 1, '.') + '\n'))
      span?.end()
      controller.close()
    },
    cancel(reason) {
      console.log(`cancelled ${String(reason)}`)
      span?.end()
    },
  })
}

/** Each chunk in a span of its own, and none made before it is asked for. */
function lazily(n: string): ReadableStream {
  let made = 0
  return new ReadableStream(
    {
      pull: (controller) =>
        tracer.startActiveSpan(`chunk of ${n}`, async (span) => {
          await sleep(20)
          if (made++ < 3) controller.enqueue(encoder.encode('.'))
          else controller.close()
          span.end()
        }),
    },
    { highWaterMark: 0 },
  )
}

/** What no body may have. */
function strings(): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue('no bytes')
      controller.close()
    },
  })
}

/** As fast as it is read, 64 KiB at a time. */
function flood(): ReadableStream {
  let n = 0
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(65_536))
      console.log(`produced ${++n}`)
      return sleep(1)
    },
  })
}

/** Megabytes from a native source: an answer of `fetch`. */
const proxied = (url: string, headers: Record<string, string> = {}) =>
  fetch(url).then(({ body }) => new Response(body, { headers: { ...SSE, ...headers } }))

const routes: Record<string, (url: URL, env: { UPSTREAM: string }) => Response | Promise<Response>> = {
  '/sse': () => new Response(chunks(5, 30, undefined), { headers: SSE }),
  '/identity': () => {
    const { readable, writable } = new IdentityTransformStream()
    void chunks(5, 30, undefined).pipeTo(writable)
    return new Response(readable, { headers: SSE })
  },
  '/text-with-span': () => new Response(chunks(5, 30, tracer.startSpan('generating'))),
  '/text': () => new Response(chunks(3, 5, undefined)),
  '/lazy': (url) => new Response(lazily(url.searchParams.get('n')!), { headers: { 'content-type': 'text/plain' } }),
  '/strings': () => new Response(strings()),
  '/length': () => new Response(chunks(3, 5, undefined), { headers: { 'content-length': '24' } }),
  '/wrong-length': () => new Response(chunks(3, 5, undefined), { headers: { 'content-length': '7' } }),
  '/nothing': () => new Response(chunks(0, 5, undefined)),
  '/breaks-at-once': () => new Response(chunks(5, 10, undefined, 0)),
  '/tee': async () => {
    const [mine, theirs] = chunks(3, 5, undefined).tee()
    void new Response(mine).text()
    return new Response(theirs)
  },
  '/clone': async () => {
    const response = new Response(chunks(3, 5, undefined))
    const copy = response.clone()
    await copy.text()
    return response
  },
  '/read-from': async () => {
    const body = chunks(3, 5, undefined)
    const response = new Response(body)
    const reader = body.getReader()
    await reader.read()
    reader.releaseLock()
    return response
  },
  '/breaks': () => new Response(chunks(5, 10, tracer.startSpan('breaking'), 2), { headers: SSE }),
  '/endless': () => new Response(chunks(Infinity, 20, tracer.startSpan('endless')), { headers: SSE }),
  '/long': (url) => new Response(chunks(Number(url.searchParams.get('s')), 1000, undefined), { headers: SSE }),
  '/big': (url, env) =>
    proxied(env.UPSTREAM + (url.searchParams.get('path') ?? '/'), { 'content-type': 'application/x-ndjson' }),
  '/big-plain': (url, env) => fetch(env.UPSTREAM + (url.searchParams.get('path') ?? '/')),
  '/fixed': (_url, env) => proxied(env.UPSTREAM, { 'content-length': String(1 << 20) }),
  '/left': () => {
    tracer.startActiveSpan('left', (span) => void sleep(30).then(() => span.end()))
    return new Response('answered')
  },
  '/flood': () => new Response(flood(), { headers: SSE }),
  '/string': () => {
    tracer.startSpan('left open')
    return new Response('hello', { headers: { 'x-mine': 'yes' } })
  },
  '/json': () => Response.json({ ok: true }, { status: 201, statusText: 'Made' }),
  '/empty': () => new Response(null, { status: 204 }),
  '/not-modified': () => new Response(null, { status: 304, headers: { etag: '"a"' } }),
  '/redirect': () => Response.redirect('http://localhost/elsewhere', 302),
  '/gzip': () => new Response('as it is', { headers: { ...SSE, 'content-encoding': 'identity' } }),
  '/broken': () => new Response('broken', { status: 503 }),
  '/socket': () => {
    const { 0: client, 1: server } = new WebSocketPair()
    server.accept()
    server.addEventListener('message', ({ data }) => server.send(`echo ${String(data)}`))
    return new Response(null, { status: 101, webSocket: client } as ResponseInit)
  },
  '/imported-wait-until': () => {
    waitUntil(sleep(50).then(() => tracer.startActiveSpan('late', (span) => sleep(10).then(() => span.end()))))
    return new Response('answered')
  },
}

export default {
  fetch(request: Request, env: { UPSTREAM: string }): Response | Promise<Response> {
    const url = new URL(request.url)
    return routes[url.pathname]?.(url, env) ?? new Response('not found', { status: 404 })
  },
}
