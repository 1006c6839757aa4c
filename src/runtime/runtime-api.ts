/**
 * One exchange with Lambda's Runtime API over a bare socket. A cold `node:http` request adds 5 ms more to
 * every cold start, and the API is one local server with short JSON answers.
 */
import { builtin } from './builtin.ts'

export interface Answer {
  /** NaN: none came. */
  readonly status: number
  /** The header lines as they came. */
  readonly head: string
  /** The JSON object of the body. */
  readonly text: string
}

interface Socket {
  unref(): void
  setEncoding(encoding: string): void
  setTimeout(ms: number, listener: () => void): void
  on(event: 'data', listener: (chunk: string) => unknown): void
  on(event: 'error' | 'close', listener: () => void): void
  write(text: string): void
  destroy(): void
}
interface Net {
  connect(port: number, host: string): Socket
}

export interface Exchange {
  /** `AWS_LAMBDA_RUNTIME_API`, host and port. */
  readonly api: string
  /** `GET /path` */
  readonly line: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** With it the process stays alive for the answer. Without, it may wait forever and is unreferenced. */
  readonly timeoutMs?: number
}

/** Never rejects. */
export function exchange({ api, line, headers, body = '', timeoutMs }: Exchange): Promise<Answer> {
  return new Promise<Answer>((resolve) => {
    const [host = '', port] = api.split(':')
    const socket = builtin<Net>('node:net')!.connect(Number(port), host)
    if (timeoutMs) socket.setTimeout(timeoutMs, () => socket.destroy())
    else socket.unref()
    let received = ''
    const settle = (closed: boolean) => {
      const [head = '', ...rest] = received.split('\r\n\r\n')
      const body = rest.join('')
      if (!closed && !(body.length >= Number(/^content-length: *(\d+)/im.exec(head)?.[1]))) return
      // Between the braces: without a length the body is one chunk, with its size around it.
      const text = body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1)
      resolve({ status: Number(head.split(' ')[1]), head, text })
      socket.destroy()
    }
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      received += chunk
      settle(false)
    })
    socket.on('error', () => {})
    // The server closes after each answer, as asked.
    socket.on('close', () => settle(true))
    const all = { host: api, connection: 'close', 'content-length': body.length, ...headers }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
    socket.write([`${line} HTTP/1.1`, ...lines, '', body].join('\r\n'))
    // No `node:net` (Node before 20.16), or an address that is no host and port.
  }).catch(() => ({ status: 0, head: '', text: '' }))
}
