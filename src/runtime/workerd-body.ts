/**
 * A response body, observed to its end by workerd's own pump: a JavaScript transform would run at a sixth
 * of its speed and drop `content-length`.
 * https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/
 */
import type { Invocation } from '../contract.ts'
import { applyError } from './outcome.ts'

type Pump = new (length?: never) => {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}
declare const IdentityTransformStream: Pump | undefined
declare const FixedLengthStream: Pump

const STREAMED = /event-stream|ndjson|jsonl|json-seq/i

/**
 * Only where there is something to wait for: the type is a stream, or a child span is still open while the
 * body is made. A body whose length only workerd knows (a string) is left alone: it would lose it.
 * @returns the response to answer with; undefined: the one that there is
 */
export function observeBody(method: string, response: Response, invocation: Invocation): Response | undefined {
  const { body, headers } = response
  const { webSocket } = response as { webSocket?: unknown }
  if (!body || body.locked || webSocket || method === 'HEAD') return undefined
  // Encoded by hand, a body must not be encoded again.
  if (typeof IdentityTransformStream === 'undefined' || headers.has('content-encoding')) return undefined
  const native = isNative(body)
  const length = native && headers.get('content-length')
  const type = headers.get('content-type') ?? ''
  // Of what `fetch` answered the length is true. Any other header may be stale, and workerd then knows better.
  // And any other native body may be the end of such a pump, which workerd pumps into no other: JavaScript can,
  // slowly, as events come.
  const isUnknown = native && !response.url
  if (isUnknown && (length || !/event-stream/i.test(type))) return undefined
  const isOpen = invocation.open.size > 0 && (length || !native)
  if (!isOpen && !STREAMED.test(type)) return undefined
  const Pipe: Pump = isUnknown ? TransformStream : length ? FixedLengthStream : IdentityTransformStream
  const { readable, writable } = new Pipe((length || undefined) as never)
  // With a compatibility date before 2022-11-30 that is such a pump, too.
  if (isUnknown && isNative(readable)) return undefined
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
