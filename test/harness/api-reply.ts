import type { IncomingMessage, ServerResponse } from 'node:http'

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Always with a length: the plain-socket client of `rapid-client.cjs` does not read chunked replies. */
export function reply(
  response: ServerResponse,
  status: number,
  body: Buffer | object,
  headers: Record<string, string> = {},
): void {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body))
  response.writeHead(status, {
    'Content-Type': 'application/json',
    ...headers,
    'Content-Length': bytes.length,
  })
  response.end(bytes)
}

export function accept(response: ServerResponse): void {
  reply(response, 202, { status: 'OK' })
}

export function refuse(response: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  reply(response, status, { errorMessage, errorType })
}
