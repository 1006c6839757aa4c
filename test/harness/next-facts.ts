/** Questions to what Next answered, built and printed, and to what was received of it. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import type { ReceivedSpan, Receiver } from './otlp-receiver.ts'

const SERVER = 2
export interface Answer {
  readonly traceId: string
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

let requests = 0

/** Each in a trace of its own, whose id the caller has chosen. */
export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const traceId = (++requests).toString(16).padStart(32, '0')
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
  const response = await fetch(url, { ...init, headers, redirect: 'manual' })
  return { traceId, status: response.status, headers: response.headers, body: await response.text() }
}

/** As `request`, of an answer that does not end well: it breaks off, or nobody reads on after so many bytes. */
export async function requestPart(url: string, bytes = Infinity): Promise<Pick<Answer, 'traceId'>> {
  const traceId = (++requests).toString(16).padStart(32, '0')
  const leaving = new AbortController()
  const { body } = await fetch(url, {
    headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    signal: leaving.signal,
  })
  let read = 0
  try {
    for await (const chunk of body!) if ((read += chunk.length) >= bytes) break
  } catch {
    // It broke off.
  }
  leaving.abort()
  return { traceId }
}

export function inTrace({ spans }: Receiver, answer: Pick<Answer, 'traceId'>): ReceivedSpan[] {
  return spans.filter(({ traceId }) => traceId === answer.traceId)
}

/** The last of that name: the pass of the proxy may have the same before. */
export async function serverSpan(
  receiver: Receiver,
  answer: Pick<Answer, 'traceId'>,
  name: string,
): Promise<ReceivedSpan> {
  const find = () =>
    inTrace(receiver, answer).findLast(
      (span) => span.name === name && span.kind === SERVER && 'code.file.path' in span.attributes,
    )
  await expect.poll(find, { timeout: 5000, message: `${name} in ${answer.traceId}` }).toBeDefined()
  return find()!
}

export function isInside({ spans }: Receiver, name: string, outer: ReceivedSpan): boolean {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  let at = spans.find((span) => span.name === name && span.traceId === outer.traceId)
  while (at && at !== outer) at = byId.get(at.parentSpanId ?? '')
  return at === outer
}

/** `ƒ /api/hello`: what is static, and what is not. */
export function routesIn(printed: string): string[] {
  return [...printed.matchAll(/^[┌├└] (\S) (\/\S*)/gm)].map(([, kind, route]) => `${kind} ${route}`)
}

/** What Next read from the sources: static configuration, and what it prerendered. */
export function manifests(dist: string) {
  const read = (file: string) => JSON.parse(readFileSync(path.join(dist, file), 'utf8'))
  const { routes, dynamicRoutes } = read('prerender-manifest.json')
  const { middleware, functions } = read('server/middleware-manifest.json')
  return {
    routes: read('routes-manifest.json'),
    prerendered: { routes, dynamicRoutes },
    config: read('server/functions-config-manifest.json'),
    matchers: Object.values(middleware as Record<string, { matchers: unknown }>).map(({ matchers }) => matchers),
    edge: Object.keys(functions).toSorted(),
  }
}
