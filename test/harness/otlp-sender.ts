/** A plain sender for tests of the receiver: what it gets, or why it gets nothing. */
import { request, type Agent, type IncomingHttpHeaders } from 'node:http'
import { request as requestTls } from 'node:https'

export interface Sent {
  readonly body: string | Uint8Array
  readonly type: string
  readonly encoding?: string | undefined
  /** @default 5000 */
  readonly timeoutMs?: number | undefined
  readonly agent?: Agent | false
}

export interface SenderAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly type: string | undefined
  /** latin1 */
  readonly body: string
}

/** Rejects also where the answer breaks off, with its `status`. */
export function sendRequest(url: string, sent: Sent): Promise<SenderAnswer> {
  const { body, type, encoding, timeoutMs = 5000, agent = false } = sent
  const headers = { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) }
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const send = url.startsWith('https:') ? requestTls : request
    let status: number | undefined
    const fail = (error: unknown) => reject(Object.assign(error as Error, status && { status }))
    send(url, { method: 'POST', headers, agent, signal }, async (response) => {
      status = response.statusCode!
      const chunks: Buffer[] = []
      try {
        for await (const chunk of response) chunks.push(chunk as Buffer)
      } catch (error) {
        return fail(error)
      }
      const text = Buffer.concat(chunks).toString('latin1')
      resolve({ status, headers: response.headers, type: response.headers['content-type'], body: text })
    })
      .on('error', fail)
      .end(body)
  })
}
