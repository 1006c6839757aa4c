/** Invocations that are long, or make much: nothing is cut in silence, and no request is too large. */
import { expect } from 'vitest'
import type { Cell, Scenario, Seen } from './scenario.ts'

const OTEL_API = `import { SpanStatusCode, trace } from '@opentelemetry/api'`

/** A machine that is busy needs longer than a second for that much. */
const PATIENT = { flush: { budgetMs: 20_000 } }

/** The same work on each platform. @param work statements */
function everywhere(work: string, more: Partial<Cell> = {}): Scenario['on'] {
  const lambda = {
    source: `${OTEL_API}\nexport const handler = async () => {\nroot()\n${work}\nreturn { ok: true } }`,
    timeoutMs: 30_000,
    ...more,
  }
  return {
    'lambda-v4': lambda,
    'lambda-v3': { formats: ['esm'], ...lambda },
    'lambda-streaming': {
      ...lambda,
      source: `${OTEL_API}\nexport const handler = awslambda.streamifyResponse(async (event, stream) => {\nroot()\n${work}\nstream.end('done') })`,
      formats: ['esm'],
    },
    workers: {
      source: `${OTEL_API}\nexport default { async fetch() {\nroot()\n${work}\nreturn new Response('done') } }`,
      ...more,
    },
    node: {
      source: `${OTEL_API}\nimport { createServer } from 'node:http'
        listen(createServer(async (request, response) => {\nroot()\n${work}\nresponse.end('done') }))`,
      ...more,
    },
  }
}

const rootsOf = ({ spans }: Seen) => spans.filter(({ kind }) => kind === 2)

export const large: readonly Scenario[] = [
  {
    row: 6,
    pitfall: 2,
    name: '5,000 spans',
    on: everywhere(`for (let n = 0; n < 5000; n++) open('item').end()`, {
      calls: [{}],
      otel: PATIENT,
      check({ receiver: { requests } }) {
        expect(Math.max(...requests.map(({ spans }) => spans.length))).toBe(512)
      },
    }),
  },
  {
    row: 6,
    pitfall: 1,
    name: 'sent while it runs',
    on: everywhere(
      `for (let n = 0; n < 30; n++) {
        open('step').end()
        await span('tool', () => sleep(20))
      }`,
      {
        calls: [{}, {}],
        otel: { batching: { scheduledDelayMillis: 50 } },
        check(seen) {
          // Of each that ran, before its root could end.
          const withoutRoot = seen.receiver.requests.filter(({ spans }) => spans.every(({ kind }) => kind !== 2))
          expect(withoutRoot.length).toBeGreaterThan(4)
          expect(rootsOf(seen)).toHaveLength(2)
        },
      },
    ),
  },
  {
    row: 6,
    pitfall: 2,
    name: 'over the limit of spans',
    // Only what must arrive is noted: what is over the limit, and what the errors take the place of, is not.
    on: everywhere(
      `const tracer = trace.getTracer('user')
      for (let n = 0; n < 40; n++) tracer.startSpan('replaced').end()
      for (let n = 0; n < 60; n++) open('kept').end()
      for (let n = 0; n < 50; n++) tracer.startSpan('over').end()
      for (let n = 0; n < 40; n++) open('error').setStatus({ code: SpanStatusCode.ERROR }).end()`,
      {
        otel: { limits: { spansPerInvocation: 100 } },
        check(seen) {
          const roots = rootsOf(seen)
          expect(seen.spans).toHaveLength(roots.length * 101)
          for (const { attributes } of roots) expect(attributes['unplugin_otel.dropped_spans']).toBe(90)
          expect(seen.output.match(/90 of 190 spans left out/g)).toHaveLength(1)
        },
      },
    ),
  },
  {
    row: 6,
    pitfall: 7,
    name: 'spans of 9 MB in all',
    on: everywhere(`for (let n = 0; n < 30; n++) open('document').setAttribute('text', 'x'.repeat(300_000)).end()`, {
      calls: [{}],
      otel: PATIENT,
      env: { OTEL_EXPORTER_OTLP_COMPRESSION: 'none' },
      check({ receiver: { requests } }) {
        expect(Math.max(...requests.map(({ bytes }) => bytes))).toBeLessThan(4e6)
      },
    }),
  },
]
