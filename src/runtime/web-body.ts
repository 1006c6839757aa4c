/**
 * The body of a `Response`, observed to its end: chunk by chunk as it is asked for, with its errors and its cancel. Where
 * everything stops with the answer, its end waits for the export.
 */
import type { Invocation } from '../contract.ts'
import { isNative, isStreamType } from './body-kind.ts'
import { noteFirstByte } from './first-byte.ts'
import { inSpan } from './in-span.ts'
import { applyError } from './outcome.ts'
import { quietly } from './quietly.ts'

/**
 * What is neither read to its end nor cancelled, is given up one day: whatever holds it is gone. workerd has no such
 * registry with a compatibility date before 2025-05-05, and a module that throws is none.
 * https://developers.cloudflare.com/workers/configuration/compatibility-flags/#enable-finalizationregistry-and-weakref
 */
const unread = /* @__PURE__ */ createRegistry()

function createRegistry(): FinalizationRegistry<() => void> | undefined {
  return typeof FinalizationRegistry === 'undefined' ? undefined : new FinalizationRegistry((abandon) => abandon())
}

/**
 * Only where there is something to wait for: the type is a stream, the user's own code makes the body, or a child span is
 * open meanwhile.
 * @param failing waits for the export before the body fails, where that ends the process
 * @returns the response to answer with; undefined: the one that there is
 */
export function observeBody(
  method: string,
  response: Response,
  invocation: Invocation,
  failing?: (exported: Promise<void>) => Promise<unknown>,
): Response | undefined {
  const { body, headers } = response
  // One that was read from before is its reader's, or refused.
  if (!body || body.locked || response.bodyUsed || method === 'HEAD') return undefined
  const isStreamed = isStreamType(headers.get('content-type')) || !isNative(body)
  if (!isStreamed && invocation.open.size === 0) return undefined
  const reader = body.getReader()
  const { root, keepAlive, finish } = invocation
  let release!: () => void
  invocation.hold(new Promise<void>((resolve) => (release = resolve)))
  const waits = keepAlive === 'before'
  if (waits) invocation.finish = async () => {}
  const given = {}
  const end = (): Promise<void> | undefined => {
    unread?.unregister(given)
    release()
    return waits ? finish() : undefined
  }
  const cancel = () => {
    quietly(() => root.setAttribute('unplugin_otel.end_reason', 'cancelled'))
    void end()
  }
  let cancelled = false
  let isFirst = isStreamed
  const readable = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await inSpan(root, () => reader.read())
          // What still comes has nowhere to go.
          if (cancelled) return
          if (!done && isFirst) noteFirstByte(invocation)
          isFirst = false
          if (!done) return controller.enqueue(value)
          await end()
          controller.close()
        } catch (error) {
          if (cancelled) return
          // What a span of the user's own throws is not for the reader.
          quietly(() => applyError(root, error))
          await (end() ?? failing?.(finish()))
          controller.error(error)
        }
      },
      async cancel(reason) {
        cancelled = true
        cancel()
        await inSpan(root, () => reader.cancel(reason))
      },
    },
    // Nothing is read before it is asked for.
    { highWaterMark: 0 },
  )
  unread?.register(readable, cancel, given)
  return new Response(readable, response)
}
