/** Others that trace in the same Worker. */
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deployWorker } from './deploy-worker.ts'
import { startSentry } from './harness/sentry-receiver.ts'

const cloudflare = path.join(import.meta.dirname, 'projects/sentry/node_modules/@sentry/cloudflare')
const REQUESTS = 10

const source = `
  import * as Sentry from '${cloudflare}'
  import { trace } from '@opentelemetry/api'
  const options = (env) => ({ dsn: env.DSN, tracesSampleRate: 1, enableOpenTelemetrySetup: env.SETUP === 'true' })
  export default Sentry.withSentry(options, {
    async fetch(request) {
      const n = new URL(request.url).pathname.slice(1)
      return trace.getTracer('user').startActiveSpan('by the API ' + n, async (span) => {
        await Sentry.startSpan({ name: 'by Sentry ' + n }, () => new Promise((resolve) => setTimeout(resolve, 5)))
        span.end()
        return new Response('n ' + n, { headers: { 'x-n': n } })
      })
    },
  })
`

test.each([
  ['as it is by default', 'false', 0],
  // It is registered inside of the first request, when ours is: of two, the API keeps the first.
  ['with its OpenTelemetry provider', 'true', 1],
])('Sentry, %s, beside us: each has its own, and all of it', async (_, SETUP, without) => {
  const theirs = await startSentry()
  onTestFinished(() => theirs.stop())
  const given = { compatibilityFlags: ['nodejs_compat'], vars: { DSN: theirs.dsn, SETUP } }
  const { worker, receiver } = await deployWorker(source, { ...given, otel: { platform: 'cloudflare' } })
  const control = await deployWorker(source, { ...given, otel: false })
  const all = Array.from({ length: REQUESTS }, (_, n) => n)
  for (const n of all) {
    const [answer, expected] = [await worker.request(`/${n}`), await control.worker.request(`/${n}`)]
    expect([answer.status, answer.body.toString(), answer.headers['x-n']]).toEqual([200, `n ${n}`, String(n)])
    expect({ ...answer.headers, date: '' }).toEqual({ ...expected.headers, date: '' })
  }
  await Promise.all([worker.settled(), control.worker.settled()])

  const traces = receiver.traces()
  expect(traces).toHaveLength(REQUESTS)
  const names = all.map((n) => `by the API ${n}`)
  expect(traces.flatMap(({ roots }) => roots.map(({ name, kind }) => [name, kind]))).toEqual(all.map(() => ['GET', 2]))
  expect(traces.flatMap(({ roots }) => roots[0]!.children.map(({ name }) => name)).toSorted()).toEqual(names)
  const told = (name: string) => theirs.spans.filter((span) => span.name === name).length
  // Of both Workers.
  expect(told('GET')).toBe(REQUESTS * 2)
  expect(all.map((n) => told(`by Sentry ${n}`))).toEqual(all.map(() => 2))
  expect(names.map(told)).toEqual(all.map(() => without))
})
