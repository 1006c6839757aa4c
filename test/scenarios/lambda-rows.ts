/** Rows of what only Lambda's Node runtimes have, and why the other platforms have not. */
import { expect } from 'vitest'
import type { Cell, ColumnId, Lacks, Scenario, Seen } from './scenario.ts'

const CLIENT_4: Lacks =
  'client 4 has no callbacks: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html#nodejs-handler-callback'
const STREAMING: Lacks =
  'a streaming handler is async: https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html'
const WORKERS: Lacks = 'a promise, or a value: https://developers.cloudflare.com/workers/runtime-apis/handlers/fetch/'
const NODE: Lacks = 'a listener answers by its response: https://nodejs.org/api/http.html#event-request'
const NO_PROCESS: Lacks =
  'workerd has no process of its own to end: https://developers.cloudflare.com/workers/reference/how-workers-works/'
const NO_DEADLINE: Lacks =
  'there is no deadline of an invocation: https://developers.cloudflare.com/workers/platform/limits/#duration'
const SERVER: Lacks = 'a server has no invocation that ends: https://nodejs.org/api/process.html#event-exit'

type Cells = Partial<Record<ColumnId, Cell | Lacks>>

/** Callbacks, and what else the client of Node 20 and 22 has. */
export function client3(pitfall: number, name: string, cell: Cell): Scenario {
  const on = { 'lambda-v4': CLIENT_4, 'lambda-streaming': STREAMING, workers: WORKERS, node: NODE, 'lambda-v3': cell }
  return { row: 1, pitfall, name, on }
}

/** The same function for both clients. */
export function buffered(pitfall: number, name: string, cell: Cell, more: Cells = {}): Scenario {
  const on = {
    'lambda-streaming': STREAMING,
    workers: WORKERS,
    node: NODE,
    'lambda-v4': cell,
    'lambda-v3': cell,
    ...more,
  }
  return { row: 1, pitfall, name, on }
}

/** A thread of a busy machine takes its time to start. */
const PATIENT: Omit<Cell, 'source'> = { otel: { flush: { budgetMs: 10_000 } }, timeoutMs: 10_000 }

/** What ends the process: `body` is that of an async handler of `(event, context)`. */
export function ending(
  name: string,
  body: string,
  cell: Omit<Cell, 'source'> = {},
  more: Partial<Scenario> = {},
): Scenario {
  return {
    row: 1,
    pitfall: 17,
    name,
    on: { ...allLambdas(body, { ...PATIENT, ...cell }), workers: NO_PROCESS, node: SERVER },
    ...more,
  }
}

/** What a deadline cuts. */
export function late(name: string, body: string, cell: Omit<Cell, 'source'>, more: Partial<Scenario> = {}): Scenario {
  const cells = allLambdas(body, cell)
  // Each takes seconds.
  const on = {
    ...cells,
    'lambda-v3': { ...cells['lambda-v3'], formats: ['cjs'] as const },
    'lambda-streaming': { ...cells['lambda-streaming'], formats: ['esm'] as const },
  }
  return { row: 4, pitfall: 15, name, on: { ...on, workers: NO_DEADLINE, node: SERVER }, ...more }
}

function allLambdas(body: string, cell: Omit<Cell, 'source'>) {
  const source = `export const handler = async (event, context) => {\n${body}\n}`
  const streaming = `export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
    await new Promise((written) => stream.write('begun ', written))
    stream.end(JSON.stringify(await (async () => {\n${body}\n})()))
  })`
  return {
    'lambda-v4': { ...cell, source },
    'lambda-v3': { ...cell, source },
    'lambda-streaming': { ...cell, source: streaming },
  }
}

/** A handler of the client of Node 20 and 22, which has two parameters less than it uses. */
export const handler = (body: string, parameters = 'event, context, callback') =>
  `export const handler = (${parameters}) => {\n  root()\n${body}\n}`

export const roots = ({ comparison, spans }: Seen) => {
  const ids = new Set(comparison.unexpected.map(({ spanId }) => spanId))
  return spans.filter(({ spanId, kind }) => kind === 2 && !ids.has(spanId))
}

export const erroneous = (type: string, message: string) => (seen: Seen) => {
  for (const root of roots(seen))
    expect(root).toMatchObject({ status: { code: 2, message }, attributes: { 'error.type': type } })
}

export const THROWN = `[new RangeError('no'), 'no', undefined, null, Object.freeze({ no: 1 }), Object.freeze(new TypeError('no')), 7][event]`
export const EACH_THROWN = Array.from({ length: 7 }, (_, event) => ({ event, path: `/${event}` }))
