/** Netlify's own bootstrap under AWS's runtime client, as its functions are deployed. */
import { cpSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { buildFunction } from '../deploy.ts'
import type { InvokeResult } from '../harness/lambda-host.ts'
import { scenarios, type Driver, type Result } from '../suite/driver.ts'
import { lambdaInstances } from '../suite/lambda-instances.ts'

const bootstrap = path.resolve(
  import.meta.dirname,
  '../projects/netlify/node_modules/@netlify/serverless-functions-api/dist/index.js',
)
const HANGS_UP = 'it runs on: https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html'
const ERROR =
  'an error is answered after waitUntil, an answer before: https://www.npmjs.com/package/@netlify/serverless-functions-api'
const WAIT_UNTIL = 'it is given no context.waitUntil: https://docs.netlify.com/build/functions/lambda-compatibility/'
const NOT_BUFFERED = 'a buffered answer is whole: https://docs.netlify.com/build/functions/lambda-compatibility/'

export const functions = netlify({
  id: 'netlify',
  callerWaits: false,
  lacks: { 'stream-cancel': HANGS_UP, 'slow-collector': ERROR },
  source: `
    import { respond } from ${JSON.stringify(scenarios)}
    export default {
      fetch: (request: Request, context: any) =>
        respond(new URL(request.url).pathname, { waitUntil: (work) => context.waitUntil(work) }),
      config: { path: '/scenario/*' },
    }`,
  // What zip-it-and-ship-it adds to a function of a `Request`.
  prepare(folder) {
    cpSync(bootstrap, path.join(folder, '___netlify-bootstrap.mjs'))
    writeFileSync(
      path.join(folder, 'entry.mjs'),
      "import { getLambdaHandler } from './___netlify-bootstrap.mjs'\nexport const handler = getLambdaHandler('./index.mjs')\n",
    )
    return 'entry.handler'
  },
})

export const classic = netlify({
  id: 'netlify, classic',
  callerWaits: true,
  lacks: { stream: NOT_BUFFERED, 'stream-error': NOT_BUFFERED, 'stream-cancel': NOT_BUFFERED, background: WAIT_UNTIL },
  source: `
    import { respond } from ${JSON.stringify(scenarios)}
    export const handler = (event: any) => respond(event.path).then(async (response) => ({
      statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text()
    }))`,
  prepare: () => 'index.handler',
})

interface Given extends Omit<Driver, 'seesStatus' | 'deploy'> {
  readonly source: string
  /** @returns the name of the handler */
  prepare(folder: string): string
}

function netlify({ source, prepare, ...platform }: Given): Driver {
  return {
    ...platform,
    seesStatus: true,
    async deploy({ otel, receiver }) {
      const taskRoot = await buildFunction(source, { otel: otel && { platform: 'netlify', ...otel } })
      const handler = prepare(taskRoot)
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
      // Without the plugin, what throws at once keeps the runtime client busy until then.
      const { invoke, ...instances } = lambdaInstances({ taskRoot, handler, env, timeoutMs: 2000 })
      return {
        async invoke(url, { headers = {} } = {}) {
          const rawUrl = `https://example.netlify.app${url}`
          return toResult(await invoke({ httpMethod: 'GET', path: url, rawUrl, headers, flags: {} }))
        },
        ...instances,
      }
    },
  }
}

/** Its own headers have times and a request's id. */
function toResult({ error, prelude, body, json }: InvokeResult): Result {
  const failed = error && { error: { type: error.errorType, message: error.errorMessage } }
  if (prelude) {
    const all: Record<string, string[]> = prelude.multiValueHeaders ?? {}
    const own = Object.entries(all).filter(([name]) => !name.startsWith('x-nf-'))
    const headers = Object.fromEntries(own.map(([name, values]) => [name, values.join()]))
    return { status: prelude.statusCode, headers, body, ...failed }
  }
  if (failed) return { headers: {}, body: Buffer.alloc(0), ...failed }
  const { statusCode, headers, body: text } = json()
  return { status: statusCode, headers, body: Buffer.from(text) }
}
