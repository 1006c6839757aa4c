/**
 * The body of a `Response`, observed to its end: chunk by chunk as it is asked for, with its errors and its cancel. Where
 * everything stops with the answer, its end waits for the export.
 */
import type { Invocation } from '../contract.ts'
import { applyError } from './outcome.ts'
import { quietly } from './quietly.ts'

const STREAMED = /event-stream|ndjson|jsonl|json-seq/i

/**
 * Only where there is something to wait for: the type is a stream, or a child span is open while the body is made.
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
  if (!body || body.locked || method === 'HEAD') return undefined
  if (invocation.open.size === 0 && !STREAMED.test(headers.get('content-type') ?? '')) return undefined
  const reader = body.getReader()
  const { root, keepAlive, finish } = invocation
  let release!: () => void
  invocation.hold(new Promise<void>((resolve) => (release = resolve)))
  const waits = keepAlive === 'before'
  if (waits) invocation.finish = async () => {}
  const end = (): Promise<void> | undefined => {
    release()
    return waits ? finish() : undefined
  }
  let cancelled = false
  const readable = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          // What still comes has nowhere to go.
          if (cancelled) return
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
        quietly(() => root.setAttribute('unplugin_otel.end_reason', 'cancelled'))
        void end()
        await reader.cancel(reason)
      },
    },
    // Nothing is read before it is asked for.
    { highWaterMark: 0 },
  )
  return new Response(readable, response)
}
