/**
 * One HTTP request on Node. Built-ins come from `process.getBuiltinModule`: `import 'node:http'` costs
 * 20 ms at load, this 2.4, and nothing where the host has loaded it already.
 */
import { context } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'

export interface Socket {
  ref(): void
  unref(): void
}
interface IncomingMessage {
  statusCode: number
  headers: Record<string, string | undefined>
  setEncoding(encoding: string): void
  on(event: 'data', listener: (chunk: string) => void): void
  on(event: 'close', listener: () => void): void
}
interface ClientRequest {
  reusedSocket: boolean
  on(event: 'socket', listener: (socket: Socket) => void): void
  on(event: 'response', listener: (response: IncomingMessage) => void): void
  on(event: 'error', listener: (error: Error & { code?: string }) => void): void
  setTimeout(ms: number, listener: () => void): void
  end(body?: Uint8Array | string): void
  destroy(error: Error): void
}
interface Http {
  Agent: new (options: { keepAlive: boolean; maxSockets: number }) => object
  request(url: URL, options: { method: string; headers: Record<string, string | number>; agent: object }): ClientRequest
}
declare const process: { getBuiltinModule?: (id: string) => unknown }

/** Undefined on a Node without `getBuiltinModule` (before 20.16). */
export function builtin<T>(id: string): T | undefined {
  return process.getBuiltinModule?.(id) as T | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: Record<string, string | undefined>
  readonly text: string
}

export interface Failure {
  readonly error: Error
  /** `ECONNREFUSED`: nothing listens there. */
  readonly code: string | undefined
  /** A kept-alive socket died, as they do during a freeze: the same request on a new one may well arrive. */
  readonly isStaleSocket: boolean
}

export interface RequestOptions {
  readonly method: 'GET' | 'POST'
  readonly headers: Record<string, string | number>
  readonly body?: Uint8Array | string
  /** Without it the request may wait forever. */
  readonly timeoutMs?: number
  readonly agent: object
  /** Called with each socket the request gets, to keep the process alive for it or not. */
  readonly onSocket: (socket: Socket) => void
}

/** An answer is an empty message, an event or a short reason. */
const MAX_ANSWER_CHARS = 65_536

export function createAgent(protocol: string, maxSockets: number): object | undefined {
  const http = builtin<Http>(`node:${protocol.slice(0, -1)}`)
  return http && new http.Agent({ keepAlive: true, maxSockets })
}

/** Never rejects. Not traced: whoever instruments `http` must not see our own traffic. */
export function request(url: URL, options: RequestOptions): Promise<Answer | Failure> {
  const http = builtin<Http>(`node:${url.protocol.slice(0, -1)}`)!
  const message = context.with(suppressTracing(context.active()), () => http.request(url, options))
  return new Promise((resolve) => {
    const { timeoutMs, body, onSocket } = options
    let answered = false
    message.on('socket', onSocket)
    if (timeoutMs) message.setTimeout(timeoutMs, () => message.destroy(new Error(`no answer in ${timeoutMs} ms`)))
    message.on('response', (response) => {
      answered = true
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        if (text.length < MAX_ANSWER_CHARS) text += chunk
      })
      // After 'end', and also when the connection broke: the status is known either way.
      response.on('close', () => resolve({ status: response.statusCode, headers: response.headers, text }))
    })
    message.on('error', (error) =>
      resolve({ error, code: error.code, isStaleSocket: message.reusedSocket && !answered }),
    )
    message.end(body)
  })
}
