import { request, type IncomingMessage } from 'node:http'
import type { Journal } from './journal.ts'

export interface ClientOptions {
  method?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** Breaks the connection once that many bytes of the body are there, or that many ms after the request has left. */
  disconnect?: { afterBytes: number } | { afterMs: number }
}

export interface ClientResponse {
  /** As in the journal. */
  requestId: string
  /** 0: the connection broke before the head. */
  status: number
  headers: IncomingMessage['headers']
  body: Buffer
  text: string
  /** Every chunk of the body with the time of its arrival, on the journal's clock. */
  chunks: { at: number; bytes: number }[]
  /** Whether the whole body has arrived. */
  complete: boolean
}

/** Asks in the process of the collector and writes in its journal: what was first is a comparison of two entries. */
export function createClient(journal: Journal, baseUrl: () => string) {
  let count = 0

  return function send(path: string, options: ClientOptions = {}): Promise<ClientResponse> {
    const { method = 'GET', headers = {}, body, disconnect } = options
    const requestId = `request-${++count}`
    const chunks: ClientResponse['chunks'] = []
    const received: Buffer[] = []
    let head: IncomingMessage | undefined
    let size = 0

    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, baseUrl()), { method, headers, agent: false })
      const settle = (complete: boolean) => {
        const bytes = Buffer.concat(received)
        const { statusCode: status = 0, headers = {} } = head ?? {}
        resolve({ requestId, status, headers, body: bytes, text: bytes.toString(), chunks, complete })
      }
      const disconnectNow = () => {
        journal.record('client-disconnect', { requestId, bytes: size })
        outgoing.destroy()
        settle(false)
      }
      outgoing.on('finish', () => {
        journal.record('request-sent', { requestId })
        if (disconnect && 'afterMs' in disconnect) setTimeout(disconnectNow, disconnect.afterMs)
      })
      outgoing.on('error', (error) => (disconnect ? settle(false) : reject(error)))
      outgoing.on('response', (response) => {
        head = response
        journal.record('response-first-byte', { requestId })
        response.on('data', (chunk: Buffer) => {
          chunks.push({ at: performance.now(), bytes: chunk.length })
          received.push(chunk)
          size += chunk.length
          if (disconnect && 'afterBytes' in disconnect && size >= disconnect.afterBytes) disconnectNow()
        })
        response.on('end', () => {
          journal.record('response-last-byte', { requestId, bytes: size })
          settle(true)
        })
        response.on('error', () => settle(false))
      })
      outgoing.end(body)
    })
  }
}
