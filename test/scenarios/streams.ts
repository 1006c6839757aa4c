/** Answers that are streamed, and how their bodies can end: made by hand, as SDKs of models make them, as events. */
import { expect } from 'vitest'
import type { Cell, ColumnId, Lacks, Scenario, Seen } from './scenario.ts'

const WHOLE: Lacks =
  'its answers are whole: https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html'
const RUNS_ON: Lacks =
  'it is not told: https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html'

const OVER: Lacks =
  'its end is that of its client, above, or of its process: https://developers.cloudflare.com/workers/runtime-apis/streams/'
const BOTH = ['esm', 'cjs'] as const
const EVENTS = 'text/event-stream'
const TEXT = 'text/plain; charset=utf-8'

const PIPED = 'await pipeline(Readable.fromWeb(body), stream)'
/** With client 4, what fails in a pipeline ends the process: it destroys the request, and nobody waits for that one's end. */
const WRITTEN = 'for await (const chunk of body) stream.write(chunk)'

/**
 * The same body on each platform, which has its own way to give it away.
 * @param body statements that declare `body`, a `ReadableStream`
 * @param give statements that write it to Lambda's `stream`
 */
function streamed(type: string, body: string, more: Partial<Cell>, give = PIPED): Scenario['on'] {
  const node = `import { Readable } from 'node:stream'\nimport { pipeline } from 'node:stream/promises'`
  const headers = `{ 'content-type': '${type}', 'x-mine': 'yes' }`
  return {
    'lambda-v4': WHOLE,
    'lambda-v3': WHOLE,
    'lambda-streaming': {
      source: `${node}
        export const handler = awslambda.streamifyResponse(async (event, stream) => {
          root()
          ${body}
          stream = awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: ${headers} })
          ${give}
        })`,
      formats: ['esm'],
      ...more,
    },
    workers: {
      source: `export default { async fetch() {
          root()
          await sleep(1)
          ${body}
          return new Response(body, { headers: ${headers} })
        } }`,
      ...more,
    },
    node: {
      source: `${node}\nimport { createServer } from 'node:http'
        listen(createServer((request, response) => {
          root()
          ${body}
          response.writeHead(200, ${headers})
          pipeline(Readable.fromWeb(body), response).catch(() => {})
        }))`,
      ...more,
    },
  }
}

/** A chunk each 20 ms, made in a span, and nothing made before it is asked for. */
const lazily = (
  then = 'controller.close()',
  chunk = (n: string) => `new TextEncoder().encode('data: ' + ${n} + '\\n\\n')`,
) => `
  let n = 0
  const body = new ReadableStream({
    pull: (controller) => span('chunk', async () => {
      await sleep(20)
      if (++n <= 4) return controller.enqueue(${chunk('n')})
      ${then}
    }),
    cancel: () => span('cancelled', () => {}),
  }, { highWaterMark: 0 })`

const roots = ({ spans }: Seen) => spans.filter(({ kind }) => kind === 2)

const firstBytes = (seen: Seen) => roots(seen).map((root) => root.attributes['unplugin_otel.time_to_first_byte'])

/** The root lasts as long as the body, and what made the chunks is in it, for as long as it took. */
function expectWhole(seen: Seen): void {
  expect(roots(seen)).toHaveLength(3)
  for (const root of roots(seen)) {
    const chunks = seen.spans.filter(({ name, traceId }) => name === 'chunk' && traceId === root.traceId)
    expect(chunks).toHaveLength(5)
    // Piped to a transform, one is asked for in the context of the one before, on Node.
    const parents = [root, ...chunks].map(({ spanId }) => spanId)
    for (const { parentSpanId } of chunks) expect(parents).toContain(parentSpanId)
    for (const { startMs, endMs } of chunks) expect(endMs - startMs).toBeGreaterThanOrEqual(19)
    const seconds = (root.endMs - root.startMs) / 1000
    expect(seconds).toBeGreaterThanOrEqual(0.099)
    expect(root.attributes['unplugin_otel.time_to_first_byte']).toBeGreaterThanOrEqual(0.019)
    expect(root.attributes['unplugin_otel.time_to_first_byte']).toBeLessThan(seconds - 0.05)
    expect(root).toMatchObject({ status: { code: 0 } })
    expect(root.attributes).not.toHaveProperty('unplugin_otel.end_reason')
  }
}

const failing = streamed(
  EVENTS,
  lazily(`throw new RangeError('broken midway')`),
  {
    formats: BOTH,
    check(seen) {
      for (const root of roots(seen))
        expect(root).toMatchObject({
          status: { code: 2, message: 'broken midway' },
          attributes: { 'error.type': 'RangeError' },
        })
    },
  },
  WRITTEN,
)

const cancelled = streamed(EVENTS, lazily('n = 0; return controller.enqueue(new Uint8Array(64))'), {
  calls: [{ cancelAfterBytes: 9 }, { cancelAfterBytes: 9 }],
  check(seen) {
    expect(roots(seen)).toHaveLength(2)
    for (const { status, attributes } of roots(seen)) {
      expect(status.code).toBe(0)
      expect(attributes['unplugin_otel.time_to_first_byte']).toBeGreaterThanOrEqual(0.019)
    }
    expect(seen.spans.filter(({ name }) => name === 'cancelled')).toHaveLength(2)
  },
})

/** Made of two chunks, and then of nothing. */
const STALLS = lazily('', () => `new Uint8Array(n > 2 ? await new Promise(() => {}) : 8)`)
const stalled = (more: Partial<Cell>) => streamed(EVENTS, STALLS, more)

const timesOut: Cell['check'] = (seen) => {
  for (const { attributes } of roots(seen)) {
    expect(attributes).toMatchObject({ 'error.type': 'timeout', 'unplugin_otel.end_reason': 'timeout' })
    expect(attributes['unplugin_otel.time_to_first_byte']).toBeGreaterThanOrEqual(0.019)
  }
}

const NONE = `const body = new ReadableStream({ pull: (controller) => span('nothing', () => controller.close()) })`
const MANY = `let n = 0
  const body = new ReadableStream({ pull: (controller) => {
    if (n++ < 160) return controller.enqueue(new Uint8Array(65_536).fill(n))
    return span('last', () => controller.close())
  } })`
const ENCODED = `${lazily('controller.close()', (n) => `'tök ' + ${n}`).replace('const body', 'const tokens')}
  const body = tokens.pipeThrough(new TextEncoderStream())`

const without = (on: Scenario['on'], column: ColumnId, why: Lacks): Scenario['on'] => ({ ...on, [column]: why })

export const streams: readonly Scenario[] = [
  {
    row: 2,
    pitfall: 27,
    name: 'a stream that hangs',
    killed: 'workerd cancels a request that waits for nothing, and all that was given to waitUntil with it',
    on: {
      ...stalled({ calls: [{ cancelAfterBytes: 16 }] }),
      'lambda-streaming': OVER,
      node: OVER,
    },
  },
  {
    row: 2,
    pitfall: 15,
    name: 'a stream that never ends',
    on: {
      ...stalled({ calls: [{ cancelAfterBytes: 16 }] }),
      workers: OVER,
      'lambda-streaming': stalled({ calls: [{}], timeoutMs: 1200, check: timesOut })['lambda-streaming'],
    },
  },
  {
    row: 2,
    pitfall: 14,
    name: 'a stream of events',
    on: streamed(EVENTS, lazily(), { check: expectWhole, formats: BOTH }),
  },
  { row: 2, pitfall: 35, name: 'a stream by hand', on: streamed(TEXT, lazily(), { check: expectWhole }) },
  { row: 2, pitfall: 35, name: 'a stream of text, encoded', on: streamed(TEXT, ENCODED, { check: expectWhole }) },
  { row: 2, pitfall: 31, name: 'a stream that fails midway', on: failing },
  { row: 2, pitfall: 31, name: 'a stream whose client goes', on: without(cancelled, 'lambda-streaming', RUNS_ON) },
  {
    row: 2,
    pitfall: 31,
    name: 'a stream without a byte',
    on: streamed(TEXT, NONE, { check: (seen) => expect(firstBytes(seen)).toEqual([undefined, undefined, undefined]) }),
  },
  {
    row: 2,
    pitfall: 8,
    name: 'a stream of 10 MB',
    on: streamed('application/octet-stream', MANY, {
      check: (seen) => expect(firstBytes(seen)).toEqual(Array.from({ length: 3 }, () => expect.any(Number))),
    }),
  },
]
