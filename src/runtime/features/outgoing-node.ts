/**
 * What leaves a process on Node by `fetch`, `undici`, `http` and `https`. All of them tell of their requests on channels
 * before the headers go out, so nothing is replaced, whoever has imported what, and no listener is added.
 * https://nodejs.org/api/diagnostics_channel.html#built-in-channels
 */
import type { Span } from '@opentelemetry/api'
import { builtin } from '../builtin.ts'
import { endRequest, failRequest, startRequest, type Outgoing } from '../outgoing/client-span.ts'
import { whenTracing } from '../outgoing/when-tracing.ts'
import type { Setup } from '../provider.ts'
import { quietly } from '../quietly.ts'
import { slot } from '../slot.ts'

interface Channels {
  hasSubscribers(name: string): boolean
  subscribe(name: string, listener: (message: never) => void): void
}
interface Message<R> {
  readonly request: R & object
  readonly response?: { readonly statusCode: number }
  readonly error?: unknown
}
/** https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md */
interface UndiciRequest {
  readonly method: string
  readonly origin: string | URL
  readonly path: string
  readonly headers: readonly string[]
  readonly upgrade?: unknown
  addHeader(name: string, value: string): void
}
/** https://nodejs.org/api/http.html#class-httpclientrequest */
interface ClientRequest {
  readonly method: string
  readonly protocol: string
  readonly host: string
  readonly path: string
  readonly headersSent: boolean
  getHeader(name: string): unknown
  setHeader(name: string, value: string): void
}
declare const process: { readonly env: Record<string, string | undefined> }

type Library = 'fetch' | 'http'

/** `created` is in Node 22.12 and newer. */
const CHANNELS: Readonly<Record<Library, readonly [created: string, answered: string, failed: string]>> = {
  fetch: ['undici:request:create', 'undici:request:headers', 'undici:request:error'],
  http: ['http.client.request.created', 'http.client.response.finish', 'http.client.request.error'],
}

interface Argument {
  /** The source of a regular expression for hosts that get no headers. */
  readonly except: string
  readonly libraries?: readonly Library[]
}

export function traceOutgoing(setup: Setup, { except, libraries = ['fetch', 'http'] }: Argument): Setup {
  return whenTracing(setup, () => {
    for (const library of libraries) quietly(() => subscribe(library, new RegExp(except, 'i')))
  })
}

function subscribe(library: Library, except: RegExp): void {
  const channels = builtin<Channels>('node:diagnostics_channel')!
  const [created, answered, failed] = CHANNELS[library]
  const own = (slot.outgoing ??= new Set())
  // Somebody else's instrumentation, or another copy of ours.
  if (own.has(library) || channels.hasSubscribers(created)) return
  own.add(library)
  const spans = new WeakMap<object, Span>()
  // What a listener throws ends the process.
  const on = (name: string, listen: (message: Message<UndiciRequest & ClientRequest>, span?: Span) => void) =>
    channels.subscribe(name, (message: Message<UndiciRequest & ClientRequest>) =>
      quietly(() => listen(message, spans.get(message.request))),
    )
  on(created, ({ request }) => {
    // To a proxy: what goes through it is asked for by itself.
    if (request.method === 'CONNECT') return
    const outgoing = library === 'fetch' ? ofUndici(request) : ofNode(request)
    const span = outgoing && startRequest(outgoing, except)
    if (span) spans.set(request, span)
  })
  on(answered, ({ response }, span) => span && endRequest(span, response!.statusCode))
  on(failed, ({ error }, span) => span?.isRecording() && failRequest(span, error))
}

/** One that becomes a socket has no answer. Versions before 6 keep headers as text, and are left alone. */
function ofUndici(request: UndiciRequest): Outgoing | undefined {
  const { method, origin, path, headers, upgrade } = request
  if (upgrade || !Array.isArray(headers)) return undefined
  return {
    method,
    url: new URL(String(origin).replace(/\/$/, '') + path),
    get: (name) => valueIn(headers, name),
    set: (name, value) => request.addHeader(name, value),
  }
}

function ofNode(request: ClientRequest): Outgoing | undefined {
  const { method, protocol, path } = request
  const given = String(request.getHeader('host') ?? '')
  const host = request.host.includes(':') ? `[${request.host}]` : request.host
  // Through a proxy it is the whole URL. The port is in the header only, which may name another host.
  const isSame = given === host || given.startsWith(`${host}:`)
  const url = new URL(/^https?:/i.test(path) ? path : `${protocol}//${isSame ? given : host}${path}`)
  if (request.getHeader('upgrade') || url.host === process.env['AWS_LAMBDA_RUNTIME_API']) return undefined
  return {
    method,
    url,
    get: (name) => request.getHeader(name),
    // Given as a list, headers are lines already.
    set: (name, value) => void (request.headersSent || request.setHeader(name, value)),
  }
}

/** A value follows its name. */
function valueIn(headers: readonly string[], name: string): string | undefined {
  const at = headers.findIndex((each, n) => n % 2 === 0 && String(each).toLowerCase() === name)
  return at < 0 ? undefined : headers[at + 1]
}
