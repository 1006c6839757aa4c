/** A service that functions call: it answers by path, and remembers what it was asked. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { readBody } from './api-reply.ts'

export interface Asked {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Upstream {
  readonly url: string
  /** In the order in which they came. */
  readonly asked: readonly Asked[]
  /** Forgets what it was asked. @returns that */
  take(): Asked[]
}

/** `/status/<number>`, `/hang`, `/reset`, `/redirect` to `/redirected`; all else is answered with what was sent. */
export async function startUpstream(): Promise<Upstream> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request
    const body = (await readBody(request)).toString()
    asked.push({ method, path, headers, body })
    const [, route, detail] = new URL(path, 'http://host').pathname.split('/')
    if (route === 'hang') return
    if (route === 'reset') return void request.socket.destroy()
    if (route === 'redirect') response.writeHead(302, { location: '/redirected' })
    if (route === 'status') response.statusCode = Number(detail)
    response.end(body || 'answer')
  })
  server.on('upgrade', (_, socket) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: test\r\n\r\n'),
  )
  server.on('connect', (_, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    take: () => asked.splice(0),
  }
}
