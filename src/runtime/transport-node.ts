/**
 * HTTP on Node. Built-ins come from `process.getBuiltinModule`: `import 'node:http'` costs 20 ms at
 * load, this 2.4 and nothing where the host has it loaded already. Sockets are kept alive across
 * invocations and unreferenced unless somebody awaits the request.
 */
import { context } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import type { Delivery, Payload, Transport } from './exporter.ts'
import type { Config } from './config.ts'
import { VERSION } from './version.ts'

interface Socket {
  ref(): void
  unref(): void
}
interface Response {
  statusCode: number
  headers: Record<string, string | undefined>
  setEncoding(encoding: string): void
  on(event: 'data', listener: (chunk: string) => void): void
  on(event: 'end' | 'aborted' | 'error', listener: () => void): void
}
interface ClientRequest {
  reusedSocket: boolean
  on(event: 'socket', listener: (socket: Socket) => void): void
  on(event: 'response', listener: (response: Response) => void): void
  on(event: 'error', listener: (error: Error & { code?: string }) => void): void
  setTimeout(ms: number, listener: () => void): void
  end(body?: Uint8Array | string): void
  destroy(error?: Error): void
}
export interface Http {
  Agent: new (options: { keepAlive: boolean; maxSockets?: number }) => object
  request(url: URL, options: { method: string; headers: Record<string, string | number>; agent: object }): ClientRequest
}
declare const process: { getBuiltinModule?: (id: string) => unknown }

/** Undefined on a Node without `getBuiltinModule` (before 20.16). */
export function builtin<T>(id: string): T | undefined {
  return process.getBuiltinModule?.(id) as T | undefined
}

/** An answer nobody read for this long is given up; the batch is sent again. */
const GIVE_UP_MS = 30_000
/** An answer is an empty message or a short reason. */
const MAX_ANSWER_CHARS = 4096

export const nodeTransport: Transport = {
  send(config, contentType, payload) {
    let socket: Socket | undefined
    let referenced = false
    const apply = () => (referenced ? socket?.ref() : socket?.unref())
    const track = (next: Socket) => {
      socket = next
      apply()
    }
    return {
      delivery: context.with(suppressTracing(context.active()), () => post(config, contentType, payload, track, true)),
      reference(on) {
        referenced = on
        apply()
      },
    }
  },
  gzip: (body) =>
    builtin<{ gzipSync(body: Uint8Array, options: object): Uint8Array }>('node:zlib')!.gzipSync(body, { level: 1 }),
}

let agent: object | undefined

function post(
  config: Config,
  contentType: string,
  payload: Payload,
  track: (socket: Socket) => void,
  mayRetry: boolean,
): Promise<Delivery> {
  return new Promise((resolve) => {
    const fail = (error: Error & { code?: string }) => resolve({ error, refused: error.code === 'ECONNREFUSED' })
    const http = builtin<Http>(`node:${config.endpoint.protocol.slice(0, -1)}`)
    if (!http) return fail(new Error('Node 20.16 or newer is needed'))
    agent ??= new http.Agent({ keepAlive: true, maxSockets: 16 })
    const request = http.request(config.endpoint, {
      method: 'POST',
      agent,
      headers: {
        'user-agent': `unplugin-otel/${VERSION}`,
        ...config.headers,
        'content-type': contentType,
        'content-length': payload.body.length,
        ...(payload.gzip ? { 'content-encoding': 'gzip' } : {}),
      },
    })
    request.on('socket', track)
    request.setTimeout(GIVE_UP_MS, () => request.destroy(new Error(`no answer in ${GIVE_UP_MS} ms`)))
    let answered = false
    request.on('response', (response) => {
      answered = true
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        if (text.length < MAX_ANSWER_CHARS) text += chunk
      })
      const done = () => resolve({ status: response.statusCode, text })
      response.on('end', done)
      response.on('aborted', done)
      response.on('error', done)
    })
    request.on('error', (error) => {
      // A kept-alive socket that died during the freeze says so at its first use: try once on a new one.
      if (!mayRetry || answered || !request.reusedSocket) return fail(error)
      agent = undefined
      resolve(post(config, contentType, payload, track, false))
    })
    request.end(payload.body)
  })
}
