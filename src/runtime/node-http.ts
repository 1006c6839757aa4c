/** Node's `(request, response)`, as far as it is read here. https://nodejs.org/api/http.html#class-httpserverresponse */
import { SpanKind, type Attributes } from '@opentelemetry/api'
import type { Carrier, Invocation, Start } from '../contract.ts'
import { observeFirstByte } from './first-byte.ts'
import { parseTarget, toHttpOutcome } from './http.ts'
import { complain, quietly } from './quietly.ts'

export interface NodeRequest {
  readonly method?: string
  readonly url?: string
  /** Express's, before a router has taken its part away. */
  readonly originalUrl?: string
  readonly headers: Carrier
}
export interface NodeResponse {
  readonly statusCode: number
  readonly closed?: boolean
  readonly writableEnded?: boolean
  readonly headersSent?: boolean
  /** Node's own note of what the head says of a body that is given whole. */
  _contentLength?: number
  /** Not in every test's response. */
  writeHead?(status: number): unknown
  write(...args: unknown[]): boolean
  once(event: 'close', listener: () => void): unknown
  end(...args: unknown[]): unknown
  destroy(): unknown
}

/** https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server */
export function describeNodeRequest({ method = 'GET', url = '/', originalUrl, headers }: NodeRequest): Start {
  const { path, query } = parseTarget(originalUrl ?? url)
  const [, hostname, port] = /^(.*?)(?::(\d+))?$/.exec(String(headers['host'] ?? ''))!
  const attributes: Attributes = {
    'faas.trigger': 'http',
    'http.request.method': method,
    'url.path': path,
    'url.scheme': String(headers['x-forwarded-proto'] ?? 'http').replace(/,.*/, ''),
    'url.query': query,
    'server.address': hostname || undefined,
    'server.port': Number(port) || undefined,
    'user_agent.original': headers['user-agent'] as string | undefined,
  }
  return { name: method, kind: SpanKind.SERVER, attributes, carriers: [headers] }
}

export function isNodeResponse(value: unknown): value is NodeResponse {
  const { end, once, statusCode } = (value ?? {}) as Partial<NodeResponse>
  return typeof end === 'function' && typeof once === 'function' && typeof statusCode === 'number'
}

const thrown = new WeakSet<Invocation>()

/** What a handler threw says more than the status that somebody else then answers with. */
export function keepThrown(invocation: Invocation): void {
  thrown.add(invocation)
}

/** An answer that is whole goes by `end` alone. */
export function observeFirstWrite(response: NodeResponse, invocation: Invocation): void {
  if (!response.closed) response.once('close', observeFirstByte(response, ['write'], invocation))
}

/** The root is open until the answer is sent, or nobody takes it any more. */
export function holdUntilClosed(response: NodeResponse, invocation: Invocation): void {
  observeFirstWrite(response, invocation)
  const closed = new Promise<void>((resolve) => (response.closed ? resolve() : response.once('close', resolve)))
  invocation.hold(
    closed.then(() => {
      const outcome = toHttpOutcome(response.statusCode)
      const { attributes = {} } = outcome
      invocation.outcome(thrown.has(invocation) ? { attributes } : outcome)
    }),
  )
}

/**
 * What freezes without a `waitUntil` does so once the answer is complete. So its last byte waits for the export, within
 * the budget.
 * @param freezes false while something else keeps the host awake: then it is exported meanwhile
 */
export function flushBeforeEnd(response: NodeResponse, invocation: Invocation, freezes = () => true): void {
  const answered = new Promise<void>((resolve) => {
    if (response.closed) resolve()
    response.once('close', resolve)
    delayEnd(response, () => {
      resolve()
      invocation.outcome(toHttpOutcome(response.statusCode))
      const flushed = invocation.finish()
      return freezes() ? flushed : undefined
    })
  })
  invocation.hold(answered)
  observeFirstWrite(response, invocation)
}

/** @param answer called when it is to end; then it does so once that has settled, or at once */
export function delayEnd(response: NodeResponse, answer: () => Promise<void> | undefined): void {
  const { end, write } = response
  let isAnswered = false
  let flushed: Promise<void> | undefined
  response.end = (...args) => {
    // What Node throws at, it throws at once.
    if (!isChunk(args[0])) return end.apply(response, args)
    if (!isAnswered) {
      if (!response.headersSent) closeHead(response, args)
      isAnswered = true
      flushed = quietly(answer)
      if (flushed) {
        Reflect.defineProperty(response, 'writableEnded', { value: true, configurable: true })
        void flushed.then(() => Reflect.deleteProperty(response, 'writableEnded'))
        response.write = (...late) => {
          flushed!.then(() => write.apply(response, late)).catch(complain)
          return false
        }
      }
    }
    if (!flushed) return end.apply(response, args)
    // In the order of the calls: what comes after the first is for Node to refuse.
    // An encoding that Node does not know, say: nobody is there to catch it any more, and the client would wait for ever.
    flushed.then(() => end.apply(response, args)).catch(() => response.destroy())
    return response
  }
}

declare const Buffer: { byteLength(chunk: string | Uint8Array, encoding?: string): number }

/**
 * As `end` does it, but nothing is sent yet: whoever answers once more is refused by Node at once, and does not change
 * what is sent. https://github.com/nodejs/node/blob/main/lib/_http_outgoing.js
 */
function closeHead(response: NodeResponse, [chunk, encoding]: readonly unknown[]): void {
  const body = typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk : ''
  response._contentLength = Buffer.byteLength(body, typeof encoding === 'string' ? encoding : undefined)
  response.writeHead?.(response.statusCode)
}

function isChunk(value: unknown): boolean {
  return (
    value === undefined || value === null || /^(string|function)$/.test(typeof value) || value instanceof Uint8Array
  )
}
