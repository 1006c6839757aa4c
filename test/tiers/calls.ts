/** How the platforms call what a module exports. */
import { PassThrough } from 'node:stream'
import { isClass } from '../plugin/describe-module.ts'
import { settle } from './settle.ts'

const streaming = Symbol.for('aws.lambda.runtime.handler.streaming')
const context = {
  awsRequestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
  functionName: 'fixtures',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:fixtures',
  getRemainingTimeInMillis: () => 60_000,
}

/** With an event, and with none, which many handlers fail for. */
export async function invokeLambda(value: unknown): Promise<unknown> {
  if (typeof value !== 'function' || isClass(value)) return undefined
  const event = Object.assign([1, 2], { id: 'id', name: 'name', rawPath: '/' })
  const call = (input: unknown) =>
    settle(() => {
      if (streaming in value) return value(input, new PassThrough().resume(), context)
      if (value.length < 3) return value(input, context)
      // As runtime client 3 does, the last one with callbacks: a promise is an answer, too.
      return new Promise((resolve, reject) => {
        const callback = (error: unknown, result: unknown) => (error ? reject(error) : resolve(result))
        const given = value(input, { ...context, callbackWaitsForEmptyEventLoop: true }, callback)
        if (typeof given?.then === 'function') given.then(resolve, reject)
      })
    })
  return [await call(event), await call(undefined)]
}

/** The handlers of an object, and all methods of an instance. */
export async function invokeWorker(value: unknown): Promise<unknown> {
  if (typeof value === 'function' && !isClass(value)) return undefined
  const background: unknown[] = []
  const ctx = { waitUntil: (work: unknown) => void background.push(work), passThroughOnException() {} }
  const env = { NAME: 'fixtures', OTEL_EXPORTER_OTLP_ENDPOINT: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] }
  const owner = isClass(value) ? new (value as new (...args: object[]) => object)(ctx, env) : value
  const outcomes: Record<string, unknown> = {}
  // Any method of a class can be called remotely.
  for (const key of isClass(value) ? methodsOf(owner) : ['email', 'fetch', 'queue', 'scheduled']) {
    const member = (owner as Record<string, unknown> | undefined)?.[key]
    if (typeof member !== 'function') continue
    const args = events[key]?.() ?? []
    outcomes[key] = await settle(() => member.apply(owner, isClass(value) ? args : [...args, env, ctx]))
    await Promise.all(background)
  }
  return outcomes
}

/** A function of Pages, or a list of them, each with a context of its own; `data` and `next` are the request's. */
export async function invokePages(value: unknown): Promise<unknown> {
  const chain = [value].flat()
  if (!chain.every((handler) => typeof handler === 'function' && !isClass(handler))) return undefined
  const background: unknown[] = []
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] }
  const call = (init: RequestInit) => {
    const rest = chain.values() as Iterator<(context: object) => unknown>
    const request = new Request('https://example.com/users/1?token=secret', init)
    const data = {}
    const next = async (): Promise<unknown> => {
      const { value: handler = () => new Response('asset') } = rest.next()
      const waitUntil = (work: unknown) => void background.push(work)
      return handler({ request: new Request(request), env, params: { id: '1' }, data, next, waitUntil })
    }
    return settle(next)
  }
  const outcomes = [await call({}), await call({ headers: { 'x-fail': '1' } })]
  await Promise.all(background)
  return outcomes
}

const events: Readonly<Record<string, () => unknown[]>> = {
  fetch: () => [new Request('https://example.com/?token=secret')],
  scheduled: () => [{ cron: '0 0 * * *', scheduledTime: 1_700_000_000_000, noRetry() {} }],
  queue: () => [{ queue: 'orders', messages: [{ id: 'm1', body: {} }], ackAll() {}, retryAll() {} }],
  email: () => [{ from: 'a@example.com', to: 'b@example.com', headers: new Headers() }],
  alarm: () => [{ retryCount: 0, isRetry: false }],
  webSocketMessage: () => [{ send() {} }, 'hello'],
}

/** A function of a `Request`, alone or in an object beside those of events, and one of Lambda's arguments. */
export async function invokeNetlify(value: unknown, name: string): Promise<unknown> {
  const headers = { host: 'example.com', 'x-nf-event': 'schedule' }
  const classic = {
    httpMethod: 'POST',
    path: '/',
    rawUrl: 'https://example.com/?token=secret',
    headers: {},
    body: '{}',
  }
  if (name === 'handler' && typeof value === 'function') {
    const call = (event: unknown) => settle(() => value(event, context))
    return [await call(classic), await call({ ...classic, headers })]
  }
  if (name !== 'default') return undefined
  const { fetch = value, ...events } = value as Record<string, unknown>
  if (typeof fetch !== 'function') return undefined
  const background: unknown[] = []
  const given = { requestId: 'id', path: '/orders/:id', waitUntil: (work: unknown) => void background.push(work) }
  const request = new Request('https://example.com/?token=secret', { headers })
  const outcomes = [
    await settle(() => fetch.call(value, new Request(classic.rawUrl), { ...given })),
    await settle(() => fetch.call(value, request, { ...given, path: undefined })),
  ]
  for (const each of Object.values(events)) if (typeof each === 'function') outcomes.push(await settle(() => each({})))
  await Promise.all(background)
  return outcomes
}

/** Of its class and those above, but for `Object`. */
function methodsOf(owner: unknown): string[] {
  const names = new Set<string>()
  for (let at = Object.getPrototypeOf(owner); at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name)
  }
  return [...names].toSorted()
}
