import { createServer } from 'node:http'
import { refuse, reply } from './api-reply.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Answers `true` when the request was one of its own. */
export type ApiRoutes = (request: IncomingMessage, response: ServerResponse) => boolean

export interface ApiServer {
  /** The value of `AWS_LAMBDA_RUNTIME_API`: host and port, no scheme. */
  address: string
  close(): void
}

/** Every execution environment has its own server, so a call that a killed one left behind cannot reach the next. */
export async function startApiServer(...apis: ApiRoutes[]): Promise<ApiServer> {
  // The X-Ray error cause travels in a header and may be much longer than Node's limit of 16 KiB.
  const server = createServer({ maxHeaderSize: 1 << 20, noDelay: true }, (request, response) => {
    response.on('error', () => {}) // the other side was killed: not the emulator's concern
    if (request.method === 'GET' && request.url === '/2018-06-01/ping') {
      return reply(response, 200, Buffer.from('pong'), { 'Content-Type': 'text/plain' })
    }
    if (!apis.some((routes) => routes(request, response))) {
      refuse(response, 404, 'NotFound', `${request.method} ${request.url}`)
    }
  })
  // Long polls last as long as the environment, and a frozen client must find its sockets open.
  Object.assign(server, { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, timeout: 0 })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
