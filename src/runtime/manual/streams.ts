/** Streams, observed to their end without a second reader: chunks, their sizes and when they are asked for stay as they are. */
import { isNative, isStreamType } from '../body-kind.ts'
import type { Observer } from './stand-in.ts'

type StreamObserver = Required<Observer>

/** Undefined: it is none, it is somebody else's already, or its body was there before. */
export function observeStream<T>(value: T, observer: StreamObserver): T | undefined {
  if (isA(value, 'ReadableStream')) return followStream(value as ReadableStream, observer) as T | undefined
  if (isA(value, 'Response')) return followResponse(value as Response, observer) as T | undefined
  return isNodeReadable(value) && followNode(value, observer) ? value : undefined
}

/** Not every runtime has them. */
function isA(value: unknown, name: 'ReadableStream' | 'Response'): boolean {
  const type: unknown = globalThis[name]
  return typeof type === 'function' && value instanceof type
}

/** Of either kind of stream. */
interface Controller {
  enqueue(chunk: unknown): void
  close(): void
  error(error: unknown): void
  readonly byobRequest?: { respond(bytes: number): void } | null
}

function followStream(stream: ReadableStream, observer: StreamObserver): ReadableStream | undefined {
  if (stream.locked) return undefined
  const { enter, end, fail } = observer
  const bytes = isNative(stream) && { type: 'bytes' }
  const reader = stream.getReader()
  reader.closed.then(() => end(), fail)
  const source = {
    ...bytes,
    async pull(controller: Controller) {
      try {
        const { done, value } = await enter(() => reader.read())
        if (!done) return controller.enqueue(value)
        controller.close()
        // Who gave a buffer of their own waits for it.
        controller.byobRequest?.respond(0)
      } catch (error) {
        controller.error(error)
      }
    },
    async cancel(reason: unknown) {
      end('cancelled')
      await enter(() => reader.cancel(reason))
    },
  }
  // Nothing is read before it is asked for.
  return new ReadableStream(source as object, { highWaterMark: 0 })
}

/**
 * Only a body that is one of the user's own, or of events: another is on its way as a whole, and who looks at the
 * status alone never reads it.
 */
function followResponse(response: Response, observer: StreamObserver): Response | undefined {
  const { body, headers } = response
  // What a framework made of it has more to it.
  if (!body || response.bodyUsed || Object.getPrototypeOf(response) !== Response.prototype) return undefined
  if (isNative(body) && !isStreamType(headers.get('content-type'))) return undefined
  // Encoded by hand, workerd would encode it again.
  if ('IdentityTransformStream' in globalThis && headers.has('content-encoding')) return undefined
  const followed = followStream(body, observer)
  if (!followed) return undefined
  const answer = new Response(followed, response)
  for (const key of ['url', 'redirected', 'type'] as const) {
    const value = response[key]
    if (answer[key] !== value) Object.defineProperty(answer, key, { value, configurable: true })
  }
  return answer
}

/** `stream.Readable`, and what others make as such. https://nodejs.org/api/stream.html#readable-streams */
interface NodeReadable {
  readonly readableEnded?: boolean
  readonly destroyed?: boolean
  readonly errored?: Error | null
  on(event: 'end' | 'close', listener: () => void): void
}

function isNodeReadable(value: unknown): value is NodeReadable {
  if (Object(value) !== value) return false
  const { pipe, read, on, readable } = value as Record<string, unknown>
  return [pipe, read, on].every((method) => typeof method === 'function') && readable !== undefined
}

function followNode(stream: NodeReadable, { end, fail }: StreamObserver): boolean {
  if (stream.readableEnded || stream.destroyed) return false
  stream.on('end', () => end())
  // Not by `error`: a listener for it would keep the process from ending where nobody else has one.
  stream.on('close', () => (stream.errored ? fail(stream.errored) : end('cancelled')))
  return true
}
