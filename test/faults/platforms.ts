/** The platforms of the table of faults: columns of the scenarios, with one function for all rows. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Options } from 'unplugin-otel/esbuild'
import { columns } from '../scenarios/columns/index.ts'
import type { Cell, Column, ColumnId } from '../scenarios/scenario.ts'
import type { PlatformId } from './fault-row.ts'

export interface Platform {
  readonly id: PlatformId
  readonly column: Column
  readonly source: string
  readonly otel: Options
  /** As that of `Build`. */
  readonly prelude?: string
  readonly cell: Omit<Cell, 'source'>
  /** Of its flushes, which nobody waits for, so that one may begin before another has failed. */
  readonly intervalMs?: number
}

const functions = path.resolve(import.meta.dirname, '../functions')
const work = `import { work } from ${JSON.stringify(path.join(functions, 'faults.ts'))}\n`
const clock = path.join(functions, 'clock.mjs')
const nodeArgs = ['--import', clock]
/** It is moved by minutes, which is no invocation's deadline. */
const timeoutMs = 900_000
/** What a slow collector costs; less would be no budget that is spent. */
export const flush = { budgetMs: 300, marginMs: 100 }
/**
 * More of these intervals than there are sockets, in the budget, and the sockets would all be waiting for a collector that
 * never answers: what comes after them would wait, too, until they are given up.
 */
const INTERVAL_MS = 30
const asked = 'JSON.parse(new URL(request.url, "http://host").searchParams.get("event"))'

const handler = `${work}export const handler = (event) => work(event)`

export const platforms: readonly Platform[] = [
  {
    id: 'lambda-await',
    column: columnOf('lambda-v4'),
    source: handler,
    otel: { flush },
    cell: { nodeArgs, timeoutMs, registration: 'refuse' },
  },
  {
    id: 'lambda-extension',
    column: columnOf('lambda-v4'),
    source: handler,
    otel: { flush },
    cell: { nodeArgs, timeoutMs },
  },
  {
    id: 'lambda-streaming',
    column: columnOf('lambda-streaming'),
    source: `${work}export const handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write(JSON.stringify(await work(event)))
      stream.end()
    })`,
    otel: { flush },
    cell: { nodeArgs, timeoutMs },
  },
  {
    id: 'workers',
    column: columnOf('workers'),
    source: `${work}export default { async fetch(request) { return Response.json(await work(${asked})) } }`,
    otel: { flush },
    prelude: readFileSync(clock, 'utf8'),
    cell: {},
  },
  {
    id: 'node',
    column: columnOf('node'),
    source: `import { createServer } from 'node:http'
      ${work}listen(createServer(async (request, response) => {
        response.end(JSON.stringify(await work(${asked})))
      }))`,
    // By default two hundred invocations would be one batch.
    otel: { flush, batching: { scheduledDelayMillis: INTERVAL_MS } },
    cell: { nodeArgs },
    intervalMs: INTERVAL_MS,
  },
]

function columnOf(id: ColumnId): Column {
  return columns.find((column) => column.id === id)!
}
