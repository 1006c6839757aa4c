/** Work that goes on after the answer, or that nobody waits for. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Cell, Lacks, Scenario, Seen } from './scenario.ts'

const FROZEN: Lacks =
  'what is not done is frozen: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html'
const SERVER: Lacks = 'a server goes on by itself: https://nodejs.org/api/http.html#class-httpserver'

const named = ({ spans }: Seen, name: string) => spans.filter((span) => span.name === name)

/** Ended by itself, after as long as it took. */
function expectTrue(seen: Seen, name: string, ms: number, count = 3): void {
  const found = named(seen, name)
  expect(found, name).toHaveLength(count)
  for (const { startMs, endMs, attributes, parentSpanId } of found) {
    expect(endMs - startMs).toBeGreaterThanOrEqual(ms - 1)
    expect(attributes).not.toHaveProperty('unplugin_otel.end_reason')
    expect(named(seen, 'GET').map(({ spanId }) => spanId)).toContain(parentSpanId)
  }
}

/** @param handle what the handler does with `ctx`, before it answers */
function onWorkers(handle: string, check: Cell['check']): Scenario['on'] {
  return {
    'lambda-v4': FROZEN,
    'lambda-v3': FROZEN,
    'lambda-streaming': FROZEN,
    workers: {
      source: `import { waitUntil } from 'cloudflare:workers'\nimport { trace } from '@opentelemetry/api'
        export default { async fetch(request, env, ctx) {
          root()
          ${handle}
          return new Response('answered')
        } }`,
      check,
    },
    node: SERVER,
  }
}

const left = `
  root()
  void span('left', () => sleep(60)).then(() => span('after a thaw', () => {}))
  await span('load', () => sleep(20))`

/** The timer is due before the thaw, not in the midst of the last invocation. */
const between = () => sleep(100)

/** Whoever waits for it is frozen: it says that it was cut, and what comes after a thaw is of its own invocation. */
const cut: Cell['check'] = (seen) => {
  expect(named(seen, 'left').map(({ attributes }) => attributes['unplugin_otel.end_reason'])).toEqual(
    Array.from({ length: 3 }, () => 'handler_returned'),
  )
  for (const { traceId, parentSpanId } of named(seen, 'after a thaw'))
    expect(seen.spans.find(({ spanId }) => spanId === parentSpanId)).toMatchObject({ kind: 2, traceId })
}

const leaving: Cell = {
  source: `export const handler = async () => {${left}\n return { ok: true } }`,
  check: cut,
  between,
}

export const background: readonly Scenario[] = [
  {
    row: 3,
    pitfall: 35,
    name: 'waitUntil',
    on: onWorkers(`ctx.waitUntil(span('work', () => sleep(60)))`, (seen) => {
      expectTrue(seen, 'work', 60)
      expect(seen.receiver.requests).toHaveLength(3)
      for (const work of named(seen, 'work'))
        expect(named(seen, 'GET').find(({ spanId }) => spanId === work.parentSpanId)!.endMs).toBeLessThan(work.endMs)
    }),
  },
  {
    row: 3,
    pitfall: 27,
    name: 'waitUntil, nested',
    on: onWorkers(
      `ctx.waitUntil(span('outer', async () => {
        await sleep(20)
        ctx.waitUntil(sleep(20).then(() => ctx.waitUntil(sleep(20).then(() => ctx.waitUntil(sleep(30))))))
        ctx.waitUntil(sleep(10).then(() => ctx.waitUntil(sleep(10).then(async () => {
          const inner = open('inner')
          await sleep(40)
          inner.end()
        }))))
      }))`,
      (seen) => {
        expectTrue(seen, 'outer', 20)
        expect(named(seen, 'inner').map(({ endMs, startMs }) => endMs - startMs >= 39)).toEqual([true, true, true])
        expect(seen.receiver.requests).toHaveLength(3)
      },
    ),
  },
  {
    row: 3,
    pitfall: 27,
    name: 'waitUntil, called after the answer',
    on: onWorkers(
      `ctx.waitUntil(sleep(40))
      void sleep(20).then(() => ctx.waitUntil(span('late', () => sleep(60))))`,
      (seen) => {
        expectTrue(seen, 'late', 60)
        expect(seen.receiver.requests).toHaveLength(3)
      },
    ),
  },
  {
    row: 3,
    pitfall: 27,
    name: 'waitUntil, called after all has settled',
    on: onWorkers(
      `waitUntil(sleep(150))
      void sleep(60).then(() => ctx.waitUntil(span('late', () => sleep(40))))`,
      (seen) => expectTrue(seen, 'late', 40),
    ),
  },
  {
    row: 3,
    pitfall: 28,
    name: 'waitUntil, imported',
    on: onWorkers(`waitUntil(span('imported', () => sleep(60)).then(() => span('next', () => sleep(20))))`, (seen) => {
      expectTrue(seen, 'imported', 60)
      expectTrue(seen, 'next', 20)
    }),
  },
  {
    row: 3,
    pitfall: 28,
    name: 'waitUntil that flushes by hand',
    on: onWorkers(
      `ctx.waitUntil(span('work', () => sleep(20)).then(async () => {
        await trace.getTracerProvider().getDelegate().forceFlush()
        await span('after the flush', () => sleep(20))
      }))`,
      (seen) => {
        expectTrue(seen, 'work', 20)
        expectTrue(seen, 'after the flush', 20)
      },
    ),
  },
  {
    row: 3,
    pitfall: 28,
    name: 'waitUntil that never settles',
    on: onWorkers(`ctx.waitUntil(span('work', () => sleep(20)).then(() => new Promise(() => {})))`, (seen) =>
      expectTrue(seen, 'work', 20),
    ),
  },
  {
    row: 3,
    pitfall: 11,
    name: 'un-awaited work',
    on: {
      ...onWorkers(`void span('left', () => sleep(60))`, (seen) => expectTrue(seen, 'left', 60)),
      'lambda-v4': leaving,
      'lambda-v3': leaving,
      'lambda-streaming': {
        source: `export const handler = awslambda.streamifyResponse(async (event, stream) => {${left}\n stream.end('done') })`,
        check: cut,
        between,
      },
      node: {
        source: `import { createServer } from 'node:http'
        listen(createServer((request, response) => {
          root()
          void span('left', () => sleep(60))
          response.end('answered')
        }))`,
        check: (seen) => expectTrue(seen, 'left', 60),
      },
    },
  },
]
