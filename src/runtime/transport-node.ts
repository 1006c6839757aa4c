/** OTLP over HTTP on Node. Sockets outlive invocations and are unreferenced unless somebody awaits the request. */
import type { Config } from './config.ts'
import type { Delivery, Payload, Transport } from './exporter.ts'
import { builtin, createAgent, request, type Socket } from './node-request.ts'
import { VERSION } from './version.ts'

/** An answer that nobody got for this long is given up; the batch is sent again. */
const GIVE_UP_MS = 30_000
const MAX_SOCKETS = 16

let agent: object | undefined

export const nodeTransport: Transport = {
  send(config, contentType, payload) {
    let socket: Socket | undefined
    let referenced = false
    const apply = () => (referenced ? socket?.ref() : socket?.unref())
    const onSocket = (next: Socket) => {
      socket = next
      apply()
    }
    return {
      delivery: post(config, contentType, payload, onSocket),
      reference(on) {
        referenced = on
        apply()
      },
    }
  },
  gzip: (body) =>
    builtin<{ gzipSync(body: Uint8Array, options: object): Uint8Array }>('node:zlib')!.gzipSync(body, { level: 1 }),
}

async function post(
  config: Config,
  contentType: string,
  payload: Payload,
  onSocket: (socket: Socket) => void,
): Promise<Delivery> {
  const { endpoint } = config
  const send = () => {
    agent ??= createAgent(endpoint.protocol, MAX_SOCKETS)
    if (!agent) return { error: new Error('Node 20.16 or newer is needed'), code: undefined, isStaleSocket: false }
    return request(endpoint, {
      method: 'POST',
      agent,
      onSocket,
      body: payload.body,
      timeoutMs: GIVE_UP_MS,
      headers: {
        'user-agent': `unplugin-otel/${VERSION}`,
        ...config.headers,
        'content-type': contentType,
        'content-length': payload.body.length,
        ...(payload.gzip && { 'content-encoding': 'gzip' }),
      },
    })
  }
  let answer = await send()
  if ('error' in answer && answer.isStaleSocket) {
    // The others in the pool died in the same freeze.
    agent = undefined
    answer = await send()
  }
  return 'error' in answer ? { error: answer.error, refused: answer.code === 'ECONNREFUSED' } : answer
}
