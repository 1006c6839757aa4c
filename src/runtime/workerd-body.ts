/**
 * A response body, observed to its end by workerd's own pump: a JavaScript transform would run at a sixth
 * of its speed and drop `content-length`.
 * https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/
 */
import type { Invocation } from '../contract.ts'
import { applyError } from './outcome.ts'

interface Pump {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}
declare const IdentityTransformStream: (new () => Pump) | undefined
declare const FixedLengthStream: new (length: number) => Pump

const STREAMED = /event-stream|ndjson|jsonl|json-seq/i
const NULL_BODY = new Set([101, 204, 205, 304])

/**
 * Only where there is something to wait for: the type is a stream, or a child span is still open while the
 * body is made. A body whose length only workerd knows (a string) is left alone: it would lose it.
 * @returns the response to answer with; undefined: the one that there is
 */
export function observeBody(method: string, response: Response, invocation: Invocation): Response | undefined {
  const { body, headers, status } = response
  const { webSocket } = response as { webSocket?: unknown }
  if (!body || body.locked || webSocket || method === 'HEAD' || NULL_BODY.has(status)) return undefined
  // Encoded by hand, a body must not be encoded again.
  if (typeof IdentityTransformStream === 'undefined' || headers.has('content-encoding')) return undefined
  const native = isNative(body)
  const length = native && headers.get('content-length')
  // Of what `fetch` answered the length is true. Any other header may be stale, and workerd then knows better.
  if (length && !response.url) return undefined
  const isOpen = invocation.open.size > 0 && (length || !native)
  if (!isOpen && !STREAMED.test(headers.get('content-type') ?? '')) return undefined
  const { readable, writable } = length ? new FixedLengthStream(Number(length)) : new IdentityTransformStream()
  invocation.hold(pump(body, writable, invocation))
  return new Response(readable, response)
}

async function pump(
  body: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  { root }: Invocation,
): Promise<void> {
  try {
    await body.pipeTo(writable)
  } catch (error) {
    // The source knows who ended it: an error of its own, or the client that went away.
    if (await isErrored(body)) applyError(root, error)
    else root.setAttribute('unplugin_otel.end_reason', 'cancelled')
  }
}

function isErrored(body: ReadableStream): Promise<boolean> {
  return body.getReader().closed.then(
    () => false,
    () => true,
  )
}

/** Made by workerd, not by JavaScript: a string, an answer of `fetch`. */
function isNative(body: ReadableStream): boolean {
  try {
    body.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}
