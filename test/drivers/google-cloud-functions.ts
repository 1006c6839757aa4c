/** The Functions Framework, with a handler of Node's `(request, response)`. */
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { buildFunction } from '../deploy.ts'
import { startFunction, type FunctionServer } from '../harness/google-function.ts'
import { scenarios, type Driver, type InvokeInit, type Result } from '../suite/driver.ts'
import { startedIn } from '../suite/ledger.ts'

const WAIT_UNTIL =
  'there is next to no CPU after the response: https://cloud.google.com/run/docs/configuring/billing-settings'
const OVER = 'the request is over with its connection: https://cloud.google.com/run/docs/container-contract'
const VARYING = /^(date|connection|keep-alive|function-execution-id)$/

const source = `
  import { Readable } from 'node:stream'
  import { pipeline } from 'node:stream/promises'
  import { http } from '@google-cloud/functions-framework'
  import { respond } from ${JSON.stringify(scenarios)}
  http('orders', (request: any, response: any) => respond(request.path).then(async (answer) => {
    response.status(answer.status)
    answer.headers.forEach((value, name) => response.setHeader(name, value))
    await pipeline(Readable.fromWeb(answer.body as any), response)
  }))`

export const http: Driver = {
  id: 'google-cloud-functions',
  lacks: { background: WAIT_UNTIL, 'stream-error': OVER, 'stream-cancel': OVER },
  callerWaits: true,
  seesStatus: true,
  async deploy({ otel, receiver }) {
    const folder = await buildFunction(source, {
      otel: otel && { platform: 'google-cloud-functions', ...otel },
      project: path.resolve(import.meta.dirname, '../projects/google'),
      esbuild: { external: ['@google-cloud/functions-framework'] },
    })
    const env = { K_SERVICE: 'orders', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
    const servers: FunctionServer[] = []
    let current: Promise<FunctionServer> | undefined
    const start = async () => {
      const server = await startFunction(`${folder}/index.mjs`, 'orders', env)
      servers.push(server)
      return server
    }
    onTestFinished(async () => void (await (await current)?.kill()))
    return {
      async invoke(target, init = {}) {
        const { url } = await (current ??= start())
        return call(url + target, init)
      },
      async evict() {
        await (await current)?.kill()
        current = undefined
      },
      startedSpans: () => startedIn(servers.map((server) => server.output()).join('')),
    }
  },
}

async function call(url: string, { headers = {}, cancelAfterBytes }: InvokeInit): Promise<Result> {
  const answer = await fetch(url, { headers })
  const result = {
    status: answer.status,
    headers: Object.fromEntries([...answer.headers].filter(([name]) => !VARYING.test(name))),
  }
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of answer.body ?? []) {
      chunks.push(chunk)
      bytes += chunk.length
      if (cancelAfterBytes !== undefined && bytes >= cancelAfterBytes) break
    }
  } catch (error) {
    return { ...result, body: Buffer.concat(chunks), error: { message: (error as Error).message } }
  }
  const body = Buffer.concat(chunks).subarray(0, cancelAfterBytes)
  // The framework answers so what it has caught.
  if (answer.headers.has('x-google-status'))
    return { ...result, body: Buffer.alloc(0), error: { message: String(body) } }
  return { ...result, body }
}
