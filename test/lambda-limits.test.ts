/** Invocations that make too much: a loop that runs away in a small function, and an agent at work for long. */
import { expect, test } from 'vitest'
import { deploy, invoke } from './deploy.ts'

/** Of work in steps, by `UNPLUGIN_OTEL_AGENT_MINUTES=10`; else 600 steps of 20 ms, exported as often. */
const MINUTES = Number(process.env['UNPLUGIN_OTEL_AGENT_MINUTES'] ?? 0)
const STEPS = MINUTES > 0 ? MINUTES * 600 : 600
const STEP_MS = MINUTES > 0 ? 100 : 20

const OTEL_API = `import { SpanStatusCode, trace } from '@opentelemetry/api'
const tracer = trace.getTracer('user')`

test('400,000 spans in 40 MB: 10,000 are kept, its errors among them', { timeout: 120_000 }, async () => {
  const deployment = await deploy(
    `${OTEL_API}
    export const handler = async () => {
      for (let n = 1; n <= 400_000; n++) {
        const span = tracer.startSpan('loop', { attributes: { n, text: 'some text' } })
        if (n % 1000 === 0) span.setStatus({ code: SpanStatusCode.ERROR, message: 'failed' })
        span.end()
      }
      return process.memoryUsage().heapUsed > 0
    }`,
    {
      otel: { flush: { budgetMs: 60_000 } },
      lambda: { timeoutMs: 100_000, nodeArgs: ['--max-old-space-size=40'] },
    },
  )
  const { text } = await invoke(deployment)
  expect(text, deployment.lambda.output).toBe('true')
  const { spans } = deployment.receiver
  expect(spans).toHaveLength(10_001)
  const failed = spans.filter(({ status }) => status.code === 2).map(({ attributes }) => attributes['n'])
  expect(new Set(failed)).toEqual(new Set(Array.from({ length: 400 }, (_, n) => (n + 1) * 1000)))
  const root = spans.find(({ kind }) => kind === 2)!
  expect(root.attributes['unplugin_otel.dropped_spans']).toBe(390_000)
  expect(deployment.lambda.output).toContain('390000 of 400000 spans left out: raise limits.spansPerInvocation')
})

test(
  `${STEPS} steps of ${STEP_MS} ms: what has ended is sent meanwhile, each span once`,
  { timeout: 60_000 + MINUTES * 90_000 },
  async () => {
    const deployment = await deploy(
      `${OTEL_API}
      export const handler = async () => {
        for (let n = 0; n < ${STEPS}; n++) {
          await tracer.startActiveSpan('step', async (step) => {
            tracer.startSpan('call').end()
            await new Promise((resolve) => setTimeout(resolve, ${STEP_MS}))
            step.end()
          })
        }
      }`,
      {
        otel: {
          limits: { spansPerInvocation: STEPS * 2 },
          ...(!MINUTES && { batching: { scheduledDelayMillis: 20 } }),
        },
        lambda: { timeoutMs: 50_000 + MINUTES * 80_000 },
      },
    )
    await invoke(deployment)
    const { spans, requests } = deployment.receiver
    expect(spans).toHaveLength(STEPS * 2 + 1)
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
    // Not all at the end.
    expect(requests.length).toBeGreaterThan(STEPS / 20)
    const root = spans.find(({ kind }) => kind === 2)!
    expect(root.attributes).not.toHaveProperty(['unplugin_otel.dropped_spans'])
    console.log(
      `${requests.length} requests, at most ${Math.max(...requests.map((request) => request.spans.length))} spans each`,
    )
  },
)
