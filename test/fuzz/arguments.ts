/** What a platform calls a handler with, as far as telemetry looks at it: any of it may go wrong. */
import type { Faulty } from './faults.ts'
import { nameOf } from './outcome.ts'
import { handed } from './results.ts'
import type { Scenario } from './scenario.ts'

/** @param rejected gets the name of what was given to `waitUntil` and rejected */
export function argumentsOf({ platform, result }: Scenario, faulty: Faulty, rejected: unknown[]): unknown[] {
  const keep = (work: unknown) =>
    void Promise.resolve(work).catch((error: unknown) => void rejected.push(nameOf(error)))
  const guard = <T extends object>(at: string, value: T): T => {
    const get = faulty(at, (target: T, key: PropertyKey) => {
      const found = Reflect.get(target, key) as unknown
      return typeof found === 'function' ? found.bind(target) : found
    })
    return new Proxy(value, { get })
  }
  const raw = {
    waitUntil: faulty('waitUntil', keep),
    requestId: 'id',
    path: '/orders',
    awsRequestId: 'id',
    getRemainingTimeInMillis: faulty('deadline', () => 60_000),
  }
  const ctx = guard('ctx', raw)
  handed.set(ctx, raw)
  const env = new Proxy(
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.test:4318' },
    {
      get: faulty('env', (target: object, key) => Reflect.get(target, key)),
      ownKeys: faulty('env keys', (target) => Reflect.ownKeys(target)),
    },
  )
  const request = guard('event', new Request('https://example.com/orders?a=1', { headers: { traceparent: 'wrong' } }))
  if (platform === 'workerd') return [request, env, ctx]
  if (platform === 'workerd queue')
    return [guard('event', { queue: 'orders', messages: [{ id: '1', body: { traceparent: 1 } }] }), env, ctx]
  if (platform === 'workerd scheduled') return [guard('event', { cron: '* * * * *', scheduledTime: 1 }), env, ctx]
  if (platform === 'netlify') return [request, ctx]
  const event = guard('event', {
    rawPath: '/orders',
    requestContext: { http: { method: 'GET', path: '/' } },
    headers: guard('event', { host: 'a' }),
  })
  return result.startsWith('calls back') ? [event, ctx, faulty('callback', () => undefined)] : [event, ctx]
}
