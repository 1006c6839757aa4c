/**
 * OTLP by `fetch`, for the runtimes that have nothing else. A request belongs to the invocation that made
 * it and dies with it, so it ends within the budget; one that was cut off may have arrived and is not
 * sent again.
 */
import { context } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import type { Config } from './config.ts'
import type { Delivery } from './delivery.ts'
import { GZIP_FROM_BYTES, MAX_ANSWER_BYTES, type Transport } from './exporter.ts'
import { toBase64 } from './masked.ts'
import { VERSION } from './version.ts'

/** As it was before the user's code could replace it. */
const { fetch } = globalThis

export const fetchTransport: Transport = {
  language: 'webjs',
  async send(config, contentType, body, budgetMs) {
    // Not `AbortSignal.timeout`: its timer would keep a Durable Object from sleeping until the budget is over.
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(new Error(`no answer in ${budgetMs} ms`)), budgetMs)
    try {
      return await post(config, contentType, body, abort.signal)
    } catch (error) {
      const { aborted } = abort.signal
      const final = aborted ? 'no_answer' : error instanceof HeaderError ? 'headers' : undefined
      // Nothing tells a refused connection from a lost one.
      return { status: undefined, error: error as Error, refused: !final, final }
    } finally {
      clearTimeout(timer)
    }
  },
  outlives: false,
}

async function post(config: Config, contentType: string, payload: Uint8Array, signal: AbortSignal): Promise<Delivery> {
  const zipped = config.gzip && payload.length >= GZIP_FROM_BYTES ? await compress(payload) : undefined
  const headers = toHeaders(config, contentType, zipped !== undefined)
  // With credentials in it, `fetch` throws and quotes them, or leaves them out.
  const url = new URL(config.endpoint)
  url.username = url.password = ''
  // The headers are for this origin alone.
  const init = {
    method: 'POST',
    headers,
    body: (zipped ?? payload) as Uint8Array<ArrayBuffer>,
    signal,
    redirect: 'manual' as const,
  }
  // Whoever instruments `fetch` must not trace the export of their own spans.
  const response = await context.with(suppressTracing(context.active()), () => fetch(url, init))
  return { status: response.status, text: await beginningOf(response), retryAfter: response.headers.get('retry-after') }
}

/** A character a byte. Where it breaks off, or takes too long, as much as there was: the status is known. */
async function beginningOf({ body }: Response): Promise<string> {
  let text = ''
  if (!body) return text
  try {
    // To its end, or cancelled: an unread body keeps its connection, and there are six of them.
    // https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
    const reader = body.getReader()
    for (;;) {
      const { value } = await reader.read()
      if (!value) break
      text += String.fromCharCode(...value.subarray(0, MAX_ANSWER_BYTES))
      if (text.length >= MAX_ANSWER_BYTES) await reader.cancel()
    }
  } catch {}
  return text
}

class HeaderError extends Error {}

/** Those of a body are ours, in any case of letters: a second length would make two requests of one. */
function toHeaders(config: Config, contentType: string, gzip: boolean): Headers {
  const { username, password } = config.endpoint
  const all = {
    'user-agent': `unplugin-otel/${VERSION}`,
    ...(username + password && { authorization: `Basic ${toBase64(config.endpoint)}` }),
    ...config.headers,
    'content-type': contentType,
    'content-encoding': gzip && 'gzip',
    'content-length': '',
    'transfer-encoding': '',
  }
  const headers = new Headers()
  try {
    for (const [name, value] of Object.entries(all)) {
      if (value) headers.set(name, value)
      else headers.delete(name)
    }
    return headers
  } catch {
    // Its message quotes the value.
    throw new HeaderError('OTEL_EXPORTER_OTLP_HEADERS cannot be sent')
  }
}

/** Undefined where there is nothing to compress with: Next's edge runtime has a class that throws, and warns of its name. */
async function compress(body: Uint8Array): Promise<ArrayBuffer | undefined> {
  try {
    const zip = new globalThis.CompressionStream('gzip')
    return await new Response(new Blob([body as Uint8Array<ArrayBuffer>]).stream().pipeThrough(zip)).arrayBuffer()
  } catch {
    return undefined
  }
}
