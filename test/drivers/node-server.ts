/** A server of one's own: on a machine that tells it to stop, and on Cloud Run, with next to no CPU between requests. */
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { buildFunction, functions } from '../deploy.ts'
import { ask, startNodeServer, type NodeServer } from '../harness/node-server.ts'
import { scenarios, type Driver, type InvokeInit, type Result } from '../suite/driver.ts'
import { startedIn } from '../suite/ledger.ts'

const WAIT_UNTIL = 'a response is all that a listener gives: https://nodejs.org/api/http.html#event-request'
const VARYING = /^(connection|keep-alive)$/i

/** An error of a listener would end the process: frameworks answer it, and that is where it is said on the span. */
const source = `
  import { createServer } from 'node:http'
  import { Readable } from 'node:stream'
  import { pipeline } from 'node:stream/promises'
  import { SpanStatusCode, trace } from '@opentelemetry/api'
  import { respond } from ${JSON.stringify(scenarios)}
  import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
  listen(createServer(async (request, response) => {
    try {
      const answer = await respond(request.url!)
      response.statusCode = answer.status
      answer.headers.forEach((value, name) => response.setHeader(name, value))
      await pipeline(Readable.fromWeb(answer.body as any), response)
    } catch (error: any) {
      if (response.headersSent) return
      trace.getActiveSpan()?.setAttribute('error.type', error.name).setStatus({ code: SpanStatusCode.ERROR })
      response.writeHead(500).end(error.name)
    }
  }))`

function createDriver(more: Pick<Driver, 'id' | 'callerWaits' | 'lacks'>, env: Record<string, string>): Driver {
  return {
    ...more,
    seesStatus: true,
    async deploy({ otel, receiver }) {
      const folder = await buildFunction(source, { otel: otel && { platform: 'node-server', ...otel } })
      const servers: NodeServer[] = []
      let current: Promise<NodeServer> | undefined
      const start = async () => {
        const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
        const server = await startNodeServer(`${folder}/index.mjs`, { ...endpoint, ...env })
        servers.push(server)
        return server
      }
      const evict = async () => {
        await (await current)?.signal(more.callerWaits ? 'SIGKILL' : 'SIGTERM')
        current = undefined
      }
      onTestFinished(evict)
      return {
        async invoke(target, init) {
          return call((await (current ??= start())).url, target, init)
        },
        evict,
        startedSpans: () => startedIn(servers.map((server) => server.output()).join('')),
      }
    },
  }
}

async function call(url: string, target: string, { headers = {}, cancelAfterBytes }: InvokeInit = {}): Promise<Result> {
  const answer = await ask(url, { path: target, headers, cancelAfterBytes })
  const pairs = answer.headers.map((line) => line.split(': ') as [string, string])
  return {
    status: answer.status,
    headers: Object.fromEntries(pairs.filter(([name]) => !VARYING.test(name))),
    body: Buffer.from(answer.body, 'latin1'),
    ...(answer.broken && { error: { message: 'the answer broke off' } }),
  }
}

const lacks = { background: WAIT_UNTIL } as const
/** Nothing can be held of an answer that breaks off. */
const OVER = 'the request is over with its connection: https://cloud.google.com/run/docs/container-contract'

export const machine = createDriver({ id: 'node-server', callerWaits: false, lacks }, {})
export const cloudRun = createDriver(
  { id: 'node-server, Cloud Run', callerWaits: true, lacks: { ...lacks, 'stream-error': OVER, 'stream-cancel': OVER } },
  { K_SERVICE: 'orders' },
)
