/**
 * A collector and, for the invocations that hold the environment, the part of Lambda's API that an internal extension
 * speaks: quick ones, in a process of their own. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { readBody, reply } from '../harness/api-reply.ts'

export interface Collector {
  /** Host and port, of both. */
  readonly address: string
  /** How many spans have arrived. */
  spans(): number
  /** At once, at the most. */
  connections(): number
  stop(): void
}

const SPAN = Buffer.from('"startTimeUnixNano"')

export async function startCollector(): Promise<Collector> {
  let spans = 0
  let next: ServerResponse | undefined
  const events: object[] = []
  const deliver = () => {
    if (!next || events.length === 0) return
    reply(next, 200, events.shift()!)
    next = undefined
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    switch (request.url) {
      case '/v1/traces':
        spans += countOf(SPAN, request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
        return reply(response, 200, {})
      case '/2020-01-01/extension/register':
        return reply(response, 200, {}, { 'lambda-extension-identifier': 'extension' })
      case '/2020-01-01/extension/event/next':
        next = response
        return deliver()
      // The test's own: an invocation begins.
      case '/invoke':
        events.push(JSON.parse(body.toString()) as object)
        reply(response, 200, {})
        return deliver()
      default:
        return reply(response, 404, {})
    }
  }

  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    answer(request, response).catch(() => response.socket?.destroy())
  })
  let open = 0
  let most = 0
  server.on('connection', (socket) => {
    most = Math.max(most, ++open)
    socket.on('close', () => open--)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => spans,
    connections: () => most,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function countOf(part: Buffer, whole: Buffer): number {
  let count = 0
  for (let at = whole.indexOf(part); at !== -1; at = whole.indexOf(part, at + part.length)) count++
  return count
}
