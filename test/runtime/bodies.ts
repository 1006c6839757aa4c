/** Bodies that note when they are read, and an invocation that may wait for them. */
import type { Span } from '@opentelemetry/api'
import { TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace'
import { createInvocation } from '../../src/runtime/invocation.ts'

export const turn = () => new Promise((resolve) => setImmediate(resolve))

export const openSpan = () => new TracerProvider().getTracer('test').startSpan('span') as unknown as Span & ReadableSpan

export function begin() {
  const root = openSpan()
  const invocation = createInvocation(root, {}, new Set(), async () => {})
  /** Whether something is still waited for. */
  const isHeld = async () => {
    const held = invocation.held()
    return held ? Promise.race([held.then(() => false), turn().then(() => true)]) : false
  }
  return { root, invocation, isHeld }
}

/** A body that notes when it is asked for a chunk. */
export function createBody(chunks: readonly (string | Error)[]) {
  const asked: number[] = []
  let cancelled: unknown
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = chunks[asked.length]
        asked.push(asked.length)
        await turn()
        if (next === undefined) controller.close()
        else if (typeof next === 'string') controller.enqueue(new TextEncoder().encode(next))
        else controller.error(next)
      },
      async cancel(reason) {
        await turn()
        cancelled = reason
      },
    },
    { highWaterMark: 0 },
  )
  return { body, asked, cancelled: () => cancelled }
}
