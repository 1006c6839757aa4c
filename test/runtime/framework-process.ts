/** A process in which a framework traces its own requests, as Next.js does, around handlers that are wrapped. */
import { closeBreaker } from '../../src/runtime/breaker.ts'
import { SpanKind, trace, type Attributes, type Span } from '@opentelemetry/api'
import type { RuntimeOptions } from '../../src/contract.ts'
import { als } from '../../src/runtime/context/als.ts'
import { encoding } from '../../src/runtime/encoding/json.ts'
import { host as edgeHost } from '../../src/runtime/hosts/next-edge.ts'
import { host } from '../../src/runtime/hosts/next-server.ts'
import { instrument, setup } from '../../src/runtime/node.ts'
import { onApi, onProxy, onRoute } from '../../src/runtime/platforms/nextjs.ts'
import type { Setup } from '../../src/runtime/provider.ts'
import { slot } from '../../src/runtime/slot.ts'

const EVENTS = ['SIGTERM', 'SIGINT', 'exit'] as const
const before = EVENTS.map((event) => process.listeners(event as 'exit'))

/** As if the process had just begun: state is process-wide, whoever made it. */
export function restart(): void {
  Object.assign(slot, { tracing: undefined, exportSoon: undefined, warm: false })
  closeBreaker()
  slot.active.clear()
  slot.warned.clear()
  slot.orphans.length = 0
  slot.retained.length = 0
  Reflect.deleteProperty(globalThis, Symbol.for('opentelemetry.js.api.1'))
  Reflect.deleteProperty(globalThis, REQUEST_CONTEXT)
  for (const [n, event] of EVENTS.entries()) {
    const added = process.listeners(event as 'exit').filter((listener) => !before[n]!.includes(listener))
    for (const listener of added) process.off(event, listener)
  }
}

type RouteHandler = (request: Request) => Promise<Response>

/** `app/api/users/[id]/route.ts`, loaded: from now on the framework's spans are ours. */
export function loadRoute(
  handler: RouteHandler,
  options: RuntimeOptions = {},
  name = 'GET',
  feature = (given: Setup) => given,
): RouteHandler {
  const meta = { file: 'app/(shop)/api/users/[id]/route.ts', name, line: 3 }
  return instrument(onRoute as never, handler, meta, feature(setup(options, host, als, encoding)))
}

/** The same by the host of the edge runtime. */
export function loadEdgeRoute(handler: RouteHandler, options: RuntimeOptions = {}): RouteHandler {
  const meta = { file: 'app/(shop)/api/users/[id]/route.ts', name: 'GET', line: 3 }
  return instrument(onRoute as never, handler, meta, setup(options, edgeHost, als, encoding))
}

export function loadProxy<H>(handler: H): H {
  return instrument(
    onProxy as never,
    handler,
    { file: 'proxy.ts', name: 'proxy', line: 1 },
    setup({}, host, als, encoding),
  )
}

/** `pages/api/users/[id].ts`. */
export function loadApi<H>(handler: H, options: RuntimeOptions = {}): H {
  const meta = { file: 'pages/api/users/[id].ts', name: 'default', line: 1 }
  return instrument(onApi as never, handler, meta, setup(options, host, als, encoding))
}

/** The span of a request and what happens in it. */
export function serve<T>(run: (root: Span) => Promise<T>, more: Attributes = {}): Promise<T> {
  const attributes = {
    'next.span_type': 'BaseServer.handleRequest',
    'http.method': 'GET',
    'http.target': '/api/users/7?token=s3cret',
    ...more,
  }
  return trace.getTracer('next.js').startActiveSpan('GET', { kind: SpanKind.SERVER, attributes }, async (span) => {
    try {
      const result = await inside('executing api route (app)', 'AppRouteRouteHandlers.runHandler', () => run(span))
      if (result instanceof Response) span.setAttribute('http.status_code', result.status)
      return result
    } finally {
      span.end()
    }
  })
}

/** Another one of the framework's. */
export function inside<T>(name: string, type: string, run: () => Promise<T>): Promise<T> {
  return trace.getTracer('next.js').startActiveSpan(name, { attributes: { 'next.span_type': type } }, async (span) => {
    try {
      return await run()
    } finally {
      span.end()
    }
  })
}

export const request = (): Request => new Request('http://localhost/api/users/7?token=s3cret')

const REQUEST_CONTEXT = Symbol.for('@next/request-context')

/** A platform that is told what to wait for. */
export function hostRequests(headers?: Record<string, string>): Promise<unknown>[] {
  const waited: Promise<unknown>[] = []
  const context = { waitUntil: (work: Promise<unknown>) => void waited.push(work), headers }
  Object.assign(globalThis, { [REQUEST_CONTEXT]: { get: () => context } })
  return waited
}
