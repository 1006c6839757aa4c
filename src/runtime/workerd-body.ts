/**
 * A response body, observed to its end by workerd's own pump: a JavaScript transform would run at a sixth
 * of its speed and drop `content-length`.
 * https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/
 */
import type { Invocation } from '../contract.ts'
import { isNative, isStreamType } from './body-kind.ts'
import { noteFirstByte } from './first-byte.ts'
import { inSpan } from './in-span.ts'
import { applyError } from './outcome.ts'

type Pump = new (length?: never) => {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}
declare const IdentityTransformStream: Pump | undefined
declare const FixedLengthStream: Pump

/**
 * Only where there is something to wait for: the type is a stream, the user's own code makes the body, or a child span
 * is still open meanwhile. A body whose length only workerd knows (a string) is left alone: it would lose it.
 * @returns the response to answer with; undefined: the one that there is
 */
export function observeBody(method: string, response: Response, invocation: Invocation): Response | undefined {
  const { body, headers } = response
  const { webSocket } = response as { webSocket?: unknown }
  // One that was read from before is refused, and must not be mended.
  if (!body || body.locked || response.bodyUsed || webSocket || method === 'HEAD') return undefined
  // Encoded by hand, a body must not be encoded again.
  if (typeof IdentityTransformStream === 'undefined' || headers.has('content-encoding')) return undefined
  const native = isNative(body)
  const length = native && headers.get('content-length')
  const type = headers.get('content-type')
  // Of what `fetch` answered the length is true. Any other header may be stale, and workerd then knows better.
  // And any other native body may be the end of such a pump, which workerd pumps into no other: JavaScript can,
  // slowly, as events come.
  const isUnknown = native && !response.url
  if (isUnknown && (length || !/event-stream/i.test(type ?? ''))) return undefined
  const isOpen = invocation.open.size > 0 && length
  if (native && !isOpen && !isStreamType(type)) return undefined
  const Pipe: Pump = isUnknown ? TransformStream : length ? FixedLengthStream : IdentityTransformStream
  const { readable, writable } = new Pipe((length || undefined) as never)
  // With a compatibility date before 2022-11-30 that is such a pump, too.
  if (isUnknown && isNative(readable)) return undefined
  // Made as it is read, a body is still made for this invocation.
  invocation.hold(inSpan(invocation.root, () => pump(body, writable, invocation)))
  return new Response(readable, response)
}

async function pump(
  body: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  invocation: Invocation,
): Promise<void> {
  const { root } = invocation
  // The native pump tells of no chunk. What goes wrong with the first one it finds, too, and treats it as without this;
  // that nobody reads any more, it finds when it writes.
  const reader = body.getReader()
  const { done = true, value } = await reader.read().catch(() => ({}) as { done?: boolean; value?: Uint8Array })
  reader.releaseLock()
  if (!done) {
    noteFirstByte(invocation)
    const writer = writable.getWriter()
    writer.write(value!).catch(() => {})
    writer.releaseLock()
  }
  try {
    await body.pipeTo(writable)
  } catch (error) {
    // The source knows who ended it: an error of its own, or the client that went away.
    await body.getReader().closed.then(
      () => root.setAttribute('unplugin_otel.end_reason', 'cancelled'),
      () => applyError(root, error),
    )
  }
}
