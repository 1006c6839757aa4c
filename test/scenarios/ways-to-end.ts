/** How a handler can end. */
import type { Scenario } from './scenario.ts'

const NO_CALLBACK = 'client 4 refuses callbacks: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html'
const STREAMING =
  'a streaming handler is async: https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html'
const WORKERS = 'a promise, or a value: https://developers.cloudflare.com/workers/runtime-apis/handlers/fetch/'
const NODE = 'a listener answers by its response: https://nodejs.org/api/http.html#event-request'

const async = `
  root()
  await span('load', () => sleep(5))`

export const waysToEnd: readonly Scenario[] = [
  {
    row: 1,
    pitfall: 11,
    name: 'async',
    on: {
      'lambda-v4': { source: `export const handler = async () => {${async}\n return { ok: true } }` },
      'lambda-v3': { source: `export const handler = async () => {${async}\n return { ok: true } }` },
      'lambda-streaming': {
        source: `export const handler = awslambda.streamifyResponse(async (event, stream) => {${async}\n stream.end('done') })`,
      },
      workers: { source: `export default { async fetch() {${async}\n return new Response('done') } }` },
      node: NODE,
    },
  },
  {
    row: 1,
    pitfall: 12,
    name: 'callback, late',
    on: {
      'lambda-v4': NO_CALLBACK,
      'lambda-v3': {
        source: `export const handler = (event, context, callback) => {
          root()
          void span('load', () => sleep(20)).then(() => callback(null, { ok: true }))
        }`,
      },
      'lambda-streaming': STREAMING,
      workers: WORKERS,
      node: NODE,
    },
  },
]
