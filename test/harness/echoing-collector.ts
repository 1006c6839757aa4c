import { createServer } from 'node:net'
import { onTestFinished } from 'vitest'
import type { AddressInfo, Socket } from 'node:net'

/** What it does with a request. All but `reset` say again what was sent: the head, and with it each credential. */
export type Echo =
  | 'body 400'
  | 'body 401'
  | 'body 404'
  | 'body 503'
  | 'partial success'
  | 'partial success, escaped'
  | 'redirect'
  | 'reason phrase'
  | 'huge header'
  | 'not HTTP'
  | 'cut off'
  | 'reset'

export interface EchoingCollector {
  readonly port: number
  /** The head of each request, that a redirect caused included. */
  readonly heads: string[]
}

/** A collector that repeats in its answer what it was sent. Ends with the test. */
export async function startEchoingCollector(echo: Echo): Promise<EchoingCollector> {
  const heads: string[] = []
  const server = createServer((socket) => {
    let received = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      const end = received.indexOf('\r\n\r\n')
      if (end === -1) return
      const head = received.slice(0, end)
      const body = received.slice(end + 4)
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
      if (body.length < length || (/^transfer-encoding: *chunked/im.test(head) && !body.endsWith('0\r\n\r\n'))) return
      received = ''
      heads.push(head)
      answer(socket, echo, head)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, heads }
}

function answer(socket: Socket, echo: Echo, head: string): void {
  const oneLine = head.replaceAll('\r\n', ' ')
  const send = (status: string, body: string, headers = '') =>
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  if (echo.startsWith('body '))
    return void send(`${echo.slice(5)} No`, JSON.stringify({ message: `proto: ${oneLine}` }))
  if (echo === 'partial success') return void send('200 OK', partial(JSON.stringify(`dropped: ${oneLine}`)))
  // As Go's encoder writes < and >, up to the 400th character in the midst of it.
  if (echo === 'partial success, escaped') {
    const text = JSON.stringify(`${oneLine.replace(/\S+/g, '<$&>')} ${oneLine.repeat(9)}`)
    return void send('200 OK', partial(text.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e')))
  }
  if (echo === 'redirect') return void send('307 Moved', '', `Location: /moved?${encodeURIComponent(oneLine)}\r\n`)
  if (echo === 'reason phrase') return void send(`401 ${oneLine}`, '')
  if (echo === 'huge header') return void send('200 OK', '{}', `X-Echo: ${oneLine.repeat(200)}\r\n`)
  if (echo === 'not HTTP') return void socket.end(`${oneLine}\r\n\r\n`)
  if (echo === 'cut off') {
    socket.write(`HTTP/1.1 500 ${oneLine}\r\nContent-Length: 9999\r\n\r\n${oneLine}`)
    return void setImmediate(() => socket.destroy())
  }
  socket.resetAndDestroy()
}

function partial(message: string): string {
  return `{"partialSuccess":{"rejectedSpans":"1","errorMessage":${message}}}`
}
