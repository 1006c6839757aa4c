/** Servers of one's own: how their processes end, and the last answer where the processor is taken away after it. */
import { expect } from 'vitest'
import type { Cell, Scenario, Seen } from './scenario.ts'

const FUNCTION =
  'the platform ends the process, and not its handler: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html'
const ISOLATE =
  'workerd has no process of its own to end: https://developers.cloudflare.com/workers/reference/how-workers-works/'

/** @param stops statements that follow the answer to `/stop` */
function server(pitfall: number, name: string, stops: string, cell: Partial<Cell> = {}): Scenario {
  const source = `import { createServer } from 'node:http'
    const server = listen(createServer(async (request, response) => {
      root()
      if (request.url === '/wait') await span('waited', () => sleep(30))
      await span('load', () => sleep(5))
      response.setHeader('x-path', request.url!)
      response.end('answered')
      if (request.url === '/stop') { ${stops} }
    }))`
  return {
    row: 7,
    pitfall,
    name,
    on: {
      'lambda-v4': FUNCTION,
      'lambda-v3': FUNCTION,
      'lambda-streaming': FUNCTION,
      workers: ISOLATE,
      node: {
        source,
        calls: [{}, {}, { path: '/stop' }],
        // A thread of a busy machine takes its time to start.
        otel: { flush: { budgetMs: 10_000 } },
        ...cell,
      },
    },
  }
}

const stopped = `open('left open'); setTimeout(() => process.kill(process.pid, `
const AT_ONCE = Array.from({ length: 100 }, () => ({ path: '/wait' }))
const CLOUD_RUN = { K_SERVICE: 'orders' }

const roots = ({ spans }: Seen) => spans.filter(({ kind }) => kind === 2)

/** What was open when the process ended says so. */
const ended = ({ spans }: Seen) => {
  const left = spans.filter(({ name }) => name === 'left open')
  expect(left.map(({ attributes }) => attributes['unplugin_otel.end_reason'])).toEqual(['exit'])
}

export const servers: readonly Scenario[] = [
  server(11, 'server, in batches', '', {
    check: ({ receiver }) => expect(receiver.requests.length).toBeLessThanOrEqual(2),
  }),
  server(6, 'server, a hundred at once', '', {
    atOnce: true,
    calls: AT_ONCE,
    check(seen) {
      expect(roots(seen)).toHaveLength(100)
      for (const { traceId, spanId } of roots(seen)) {
        const children = seen.spans.filter((span) => span.traceId === traceId && span.kind !== 2)
        expect(children.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([
          ['waited', spanId],
          ['load', spanId],
        ])
      }
    },
  }),
  server(36, 'server, SIGTERM', `${stopped}'SIGTERM'), 5)`, { check: ended }),
  server(36, 'server, SIGINT', `${stopped}'SIGINT'), 5)`, { check: ended }),
  server(
    36,
    'server, SIGTERM with a listener that exits',
    `process.on('SIGTERM', () => process.exit(0)); ${stopped}'SIGTERM'), 5)`,
    {
      check: ended,
    },
  ),
  server(36, 'server, process.exit', `open('left open'); response.once('close', () => process.exit(1))`, {
    check: ended,
  }),
  server(36, 'server, nothing is left to wait for', `open('left open'); server.close()`, { check: ended }),
  server(
    36,
    'server, an exception that nobody catches',
    `open('left open'); setTimeout(() => { throw new RangeError('no') }, 5)`,
    {
      check: ended,
    },
  ),
  server(36, 'Cloud Run, gone with the last answer', '', { env: CLOUD_RUN }),
  server(36, 'Cloud Run, gone with the last of a hundred', '', { env: CLOUD_RUN, atOnce: true, calls: AT_ONCE }),
]
