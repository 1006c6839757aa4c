/**
 * OTLP over HTTP on Node. Sockets outlive invocations and never keep the process alive: whoever awaits a
 * flush does so by its timer, which also holds when a socket is replaced or never settles.
 */
import { context } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import { SLOW_MS } from './breaker.ts'
import { builtin } from './builtin.ts'
import type { Delivery, Failure } from './delivery.ts'
import { GZIP_FROM_BYTES, MAX_ANSWER_BYTES, type Transport } from './exporter.ts'
import { withSentry } from './sentry.ts'
import { slot } from './slot.ts'
import { startUnreferenced } from './timer.ts'
import { VERSION } from './version.ts'

interface Socket {
  readonly connecting: boolean
  unref(): void
}
interface IncomingMessage {
  statusCode: number
  headers: { readonly 'retry-after'?: string }
  setEncoding(encoding: string): void
  on(event: 'data', listener: (chunk: string) => void): void
  on(event: 'close', listener: () => void): void
  destroy(): void
}
interface ClientRequest {
  reusedSocket: boolean
  on(event: 'socket', listener: (socket: Socket) => void): void
  on(event: 'response', listener: (response: IncomingMessage) => void): void
  on(event: 'error', listener: (error: Error & { code?: string }) => void): void
  setTimeout(ms: number, listener: () => void): void
  end(body: Uint8Array): void
  destroy(error: Error): void
}
interface Http {
  readonly ClientRequest: new (options: object) => ClientRequest
}
interface Agents {
  readonly Agent: new (options: { keepAlive: boolean; maxSockets: number }) => object
}
interface Zlib {
  gzipSync(body: Uint8Array, options: { level: number }): Uint8Array
}

/** An answer that nobody got for this long is given up; the batch is sent again. */
const GIVE_UP_MS = 30_000
/** From the head of an answer to its end. */
const ANSWER_MS = 1000
const MAX_SOCKETS = 16

/** A request as another thread can send it, too. */
export type Request = readonly [
  options: { readonly protocol?: string; readonly method: string; readonly headers: object },
  body: Uint8Array,
]

/** From now on nothing is sent, by no copy of this: what has no answer, or is given to `send`, is here for the caller. */
export function stopSending(): ReadonlySet<Request> {
  slot.isExiting = true
  return unanswered()
}

function unanswered(): Set<Request> {
  return (slot.unanswered ??= new Set())
}

export const nodeTransport: Transport = {
  language: 'nodejs',
  send(config, type, given, budgetMs) {
    return new Promise<Delivery>((resolve) => {
      const http = builtin<Http>('node:http')
      if (!http) return resolve(failure(new Error('Node 20.16 or newer is needed')))
      const gzip = config.gzip && given.length >= GZIP_FROM_BYTES
      const body = gzip ? builtin<Zlib>('node:zlib')!.gzipSync(given, { level: 1 }) : given
      const request: Request = [
        {
          ...addressOf(config.endpoint),
          method: 'POST',
          headers: {
            'user-agent': `unplugin-otel/${VERSION}`,
            ...config.headers,
            'content-type': type,
            // An empty list is no header, whatever the variable says: two lengths make two requests of one.
            'content-encoding': gzip ? 'gzip' : [],
            'transfer-encoding': [],
            'content-length': body.length,
          },
        },
        body,
      ]
      if (!slot.isExiting)
        post(http, request, Math.max(budgetMs, SLOW_MS), (delivery) => {
          unanswered().delete(request)
          resolve(delivery)
        })
      unanswered().add(request)
    }).catch(
      // Node throws at headers it cannot send, and quotes the name: with a colon for `=` that is the secret.
      (error: Error) => failure(new Error(error.message.replace(/ \[".*"\]/s, '')), 'headers'),
    )
  },
  inFlight: new Set(),
  outlives: true,
  beside: withSentry,
}

function failure(error: Error, final?: Failure['final']): Failure {
  return { status: undefined, error, refused: false, final }
}

let agent: object | undefined
let address: { readonly endpoint: URL; readonly options: object } | undefined

/** Taken apart once, not for each request. */
function addressOf(endpoint: URL): object {
  if (address?.endpoint !== endpoint) {
    const { urlToHttpOptions } = builtin<{ urlToHttpOptions(url: URL): object }>('node:url')!
    address = { endpoint, options: urlToHttpOptions(endpoint) }
  }
  return address.options
}

function post(
  http: Http,
  given: Request,
  connectMs: number,
  resolve: (delivery: Delivery) => void,
  isRetry = false,
): void {
  const [options, body] = given
  agent ??= new (builtin<Agents>(`node:${options.protocol!.slice(0, -1)}`)!.Agent)({
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
  })
  // What `request()` returns, without those who have replaced it: they must not see the export of their own spans.
  const request = context.with(suppressTracing(context.active()), () => new http.ClientRequest({ ...options, agent }))
  let answered = false
  request.on('socket', (socket) => {
    socket.unref()
    // Which does not hold for a connection that is not there yet: where nobody answers, it takes two minutes to fail.
    if (socket.connecting)
      startUnreferenced(
        () => socket.connecting && request.destroy(new Error(`no connection in ${connectMs} ms`)),
        connectMs,
      )
  })
  // A turn later: after a thaw the timer is due before the answer in the socket was read.
  request.setTimeout(GIVE_UP_MS, () =>
    setTimeout(() => answered || request.destroy(new Error(`no answer in ${GIVE_UP_MS} ms`)), 0),
  )
  request.on('response', (response) => {
    const { statusCode: status, headers } = response
    answered = true
    // At the exit it is not sent again.
    if (status < 300) unanswered().delete(given)
    let text = ''
    // One that does not end, or has more than a reason, holds nobody up.
    const timer = startUnreferenced(() => response.destroy(), ANSWER_MS)
    response.setEncoding('latin1')
    response.on('data', (chunk) => {
      text += chunk
      if (text.length >= MAX_ANSWER_BYTES) response.destroy()
    })
    // After 'end', and also when the connection broke: the status is known either way.
    response.on('close', () => {
      clearTimeout(timer)
      resolve({ status, text: text.slice(0, MAX_ANSWER_BYTES), retryAfter: headers['retry-after'] })
    })
  })
  request.on('error', (error) => {
    // Its status is known.
    if (answered) return
    if (isRetry || !request.reusedSocket || !error.code)
      return resolve({ ...failure(error), refused: error.code === 'ECONNREFUSED' })
    // A kept-alive socket that died during the freeze says so at its first use, and so will the others
    // in the pool: try once on a new one.
    agent = undefined
    post(http, given, connectMs, resolve, true)
  })
  request.end(body)
}
