/** AWS's own runtime client, stopped after every response: buffered answers, and streamed ones. */
import { buildFunction } from '../deploy.ts'
import type { InvokeResult } from '../harness/lambda-host.ts'
import { scenarios, type Driver, type Result } from '../suite/driver.ts'
import { lambdaInstances } from '../suite/lambda-instances.ts'

const WAIT_UNTIL =
  'nothing runs after the response: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html'
const NOT_BUFFERED = 'a buffered answer is whole: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html'
const HANGS_UP = 'it runs on: https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html'
const ASYNC =
  'a streaming handler is async: https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html'

export const buffered = lambda({
  id: 'aws-lambda',
  seesStatus: true,
  lacks: { stream: NOT_BUFFERED, 'stream-error': NOT_BUFFERED, 'stream-cancel': NOT_BUFFERED, background: WAIT_UNTIL },
  source: `
    import { respond } from ${JSON.stringify(scenarios)}
    export const handler = (event: any) => respond(event.rawPath).then(async (response) => ({
      statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text()
    }))`,
})

export const streamed = lambda({
  id: 'aws-lambda, streaming',
  // The handler writes it into the stream, https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
  seesStatus: false,
  lacks: { throw: ASYNC, 'stream-cancel': HANGS_UP, background: WAIT_UNTIL },
  source: `
    import { respond } from ${JSON.stringify(scenarios)}
    declare const awslambda: any
    export const handler = awslambda.streamifyResponse(async (event: any, stream: any) => {
      const { status, headers, body } = await respond(event.rawPath)
      stream = awslambda.HttpResponseStream.from(stream, { statusCode: status, headers: Object.fromEntries(headers) })
      for await (const chunk of body!) stream.write(chunk)
      stream.end()
    })`,
})

function lambda({ source, ...platform }: Omit<Driver, 'callerWaits' | 'deploy'> & { source: string }): Driver {
  return {
    ...platform,
    callerWaits: false,
    async deploy({ otel, receiver }) {
      const taskRoot = await buildFunction(source, { otel: otel && { platform: 'aws-lambda', ...otel } })
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
      const { invoke, ...instances } = lambdaInstances({ taskRoot, handler: 'index.handler', env })
      return {
        async invoke(rawPath, { headers = {} } = {}) {
          const requestContext = { http: { method: 'GET', path: rawPath } }
          return toResult(await invoke({ version: '2.0', rawPath, headers, requestContext }))
        },
        ...instances,
      }
    },
  }
}

function toResult({ error, prelude, body, json }: InvokeResult): Result {
  const failed = error && { error: { type: error.errorType, message: error.errorMessage } }
  if (prelude) return { status: prelude.statusCode, headers: prelude.headers, body, ...failed }
  if (failed) return { headers: {}, body: Buffer.alloc(0), ...failed }
  const { statusCode, headers, body: text } = json()
  return { status: statusCode, headers, body: Buffer.from(text) }
}
