/** The socket of a receiver: it can go away and come back on the same port, and break connections. */
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

export interface Listener {
  readonly port: number
  /** Idempotent. */
  open(): Promise<void>
  /** Those with a request stay until it is answered. */
  close(): void
  dropIdle(how: 'FIN' | 'RST'): void
  /** All of it, also what is busy. */
  stop(): void
}

export interface ListenerOptions {
  readonly port?: number | undefined
  /** A private key and a certificate, as PEM. */
  readonly tls?: string | undefined
  /** Nothing has been read yet. */
  onConnection(socket: Socket): void
  /** No request came out of a connection, because of its encryption. */
  onTlsError(): void
  onRequest: RequestListener
}

export function createListener(options: ListenerOptions): Listener {
  const { tls, onConnection, onTlsError, onRequest } = options
  const sockets = new Map<Socket, { state: 'new' | 'busy' | 'idle' }>()
  let server: Server | undefined
  let port = options.port ?? 0

  const listener: RequestListener = (request, response) => {
    const use = sockets.get(request.socket)
    if (use) use.state = 'busy'
    const free = () => {
      if (use) use.state = 'idle'
    }
    // The sender may have the answer before the response is closed.
    response.on('finish', free).on('close', free)
    onRequest(request, response)
  }

  function drop(how: 'FIN' | 'RST', isDropped: (state: 'new' | 'busy' | 'idle') => boolean): void {
    for (const [socket, { state }] of sockets) {
      if (!isDropped(state)) continue
      if (how === 'RST') socket.resetAndDestroy()
      else socket.destroy()
    }
  }

  function close(): void {
    server?.close()
    server = undefined
    drop('FIN', (state) => state !== 'busy')
  }

  return {
    get port() {
      return port
    },
    async open() {
      if (server) return
      const opening = tls
        ? createTlsServer({ key: tls, cert: tls, keepAliveTimeout: 0 }, listener)
        : createServer({ keepAliveTimeout: 0 }, listener)
      opening.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
        sockets.set(socket, { state: 'new' })
        // The sender may break it at any time.
        socket.on('error', () => {}).on('close', () => sockets.delete(socket))
        onConnection(socket)
      })
      opening.on('tlsClientError', onTlsError)
      await new Promise<void>((resolve, reject) => {
        opening.once('error', reject).listen(port, '127.0.0.1', resolve)
      })
      server = opening
      port = (opening.address() as AddressInfo).port
    },
    close,
    // Not one on which the first request is still on its way.
    dropIdle: (how) => drop(how, (state) => state === 'idle'),
    stop() {
      close()
      for (const socket of sockets.keys()) socket.destroy()
    },
  }
}
