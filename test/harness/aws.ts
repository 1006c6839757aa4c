/** As much of AWS as test/aws-sdk-calls.ts calls. It asks for no signature. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { readBody } from './api-reply.ts'

const LAMBDA_PATH = '/2015-03-31/functions/'

export interface AskedOfAws {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** @param invoked what a function answers, by the client context that it is given */
export async function startAws(invoked: (clientContext: unknown) => Promise<string> = async () => '"answer"') {
  const asked: AskedOfAws[] = []
  const server = createServer(async (request, response) => {
    const { url = '', headers } = request
    const body = (await readBody(request)).toString()
    asked.push({ path: url, headers, body })
    const target = String(headers['x-amz-target'] ?? '').split('.')[1]
    const answer = (status: number, value: unknown, more: object = {}) => {
      const type = 'application/x-amz-json-1.0'
      response.writeHead(status, { 'x-amzn-requestid': 'request-7', 'content-type': type, ...more })
      response.end(typeof value === 'string' ? value : JSON.stringify(value))
    }
    if (url.startsWith(LAMBDA_PATH)) {
      if (url.includes('hanging')) return
      const sent = headers['x-amz-client-context'] as string | undefined
      const clientContext = sent && (quietlyParse(Buffer.from(sent, 'base64').toString()) as unknown)
      const failed = url.includes('failing') ? { 'x-amz-function-error': 'Unhandled' } : {}
      return answer(200, await invoked(clientContext), failed)
    }
    if (body.includes('"missing"')) {
      const __type = 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException'
      return answer(400, { __type, message: 'Requested resource not found' })
    }
    if (body.includes('"retried"') && asked.length === 1) return answer(500, { __type: 'InternalServerError' })
    if (body.startsWith('Action=Publish'))
      return answer(
        200,
        '<PublishResponse><PublishResult><MessageId>message-7</MessageId></PublishResult></PublishResponse>',
      )
    if (target === 'SendMessage')
      return answer(200, { MessageId: 'message-7', MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592' })
    answer(200, {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const env = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_REGION: 'eu-west-1',
  }
  return { env, take: () => asked.splice(0) }
}

/** Undefined: it is no JSON. */
export function quietlyParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export type Aws = Awaited<ReturnType<typeof startAws>>
