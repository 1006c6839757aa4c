/** What API Gateway is to a Lambda function: HTTP in front of it. */
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import type { LambdaHost } from '../../test/harness/lambda-host.ts'

export interface LambdaFront {
  readonly url: string
  /** Resolves when the function is frozen again. */
  idle(): Promise<unknown>
  stop(): void
}

export async function startFront(lambda: LambdaHost): Promise<LambdaFront> {
  const finished: Promise<void>[] = []
  const server = createServer(async (request, response) => {
    const result = await lambda.invoke(await toEvent(request))
    finished.push(result.finished)
    if (!result.ok) return response.writeHead(502).end(result.text)
    const { statusCode, body } = result.json() as { statusCode: number; body: string }
    return response.writeHead(statusCode, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    idle: () => Promise.all(finished),
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
async function toEvent(request: IncomingMessage): Promise<object> {
  const { method, url: path, headers } = request
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    headers,
    requestContext: { http: { method, path } },
    body: await text(request),
  }
}
