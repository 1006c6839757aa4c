import { gunzipSync } from 'node:zlib'
import { Refusal } from './otlp-answer.ts'
import type { IncomingMessage } from 'node:http'

/** Of one body, as sent and after gunzip. Collectors take 20 MB by default, exporters send batches of 512 spans. */
const MAX_BODY = 16 * 1024 * 1024
/** Of all bodies that are being received: so many slow senders of large bodies. */
const MAX_RECEIVING = 4 * MAX_BODY

export function createBodyReader() {
  let receiving = 0

  /** The whole body, decompressed; a Refusal when it is too large, not gzip, or not all of it arrives. */
  return async function readBody(message: IncomingMessage): Promise<Buffer> {
    const coding = (message.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
    if (coding !== 'gzip' && coding !== 'identity')
      throw new Refusal(415, 'the content encoding is neither gzip nor none')
    const body = await receive(message)
    return coding === 'gzip' ? decompress(body) : body
  }

  async function receive(message: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = []
    let bytes = 0
    try {
      if (Number(message.headers['content-length']) > MAX_BODY) throw tooLarge()
      // Not destroyed when we stop reading: the refusal could not be sent on its socket.
      for await (const chunk of message.iterator({ destroyOnReturn: false })) {
        bytes += chunk.length
        receiving += chunk.length
        if (bytes > MAX_BODY) throw tooLarge()
        if (receiving > MAX_RECEIVING) throw new Refusal(503, 'too many large requests at the same time')
        chunks.push(chunk)
      }
      return Buffer.concat(chunks)
    } catch (error) {
      // The rest is read and dropped: a sender that is still sending would miss the answer.
      message.resume()
      throw error instanceof Refusal ? error : new Refusal(400, 'the connection broke before the end of the body')
    } finally {
      receiving -= bytes
    }
  }
}

/** Synchronous, so that a thousand small bodies which become large are never large at the same time. */
function decompress(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: MAX_BODY })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge()
      : new Refusal(400, 'the body is not gzip, as content-encoding says')
  }
}

function tooLarge(): Refusal {
  return new Refusal(413, `the body is larger than ${MAX_BODY / 1024 / 1024} MB`)
}
