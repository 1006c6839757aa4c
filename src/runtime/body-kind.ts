/** What kind of body a `Response` has: that decides whether it is observed. */

/** Types that are read event by event, or line by line. */
export function isStreamType(contentType: string | null): boolean {
  return /event-stream|ndjson|jsonl|json-seq/i.test(contentType ?? '')
}

/**
 * Made by the runtime itself: a string, a file, an answer of `fetch`. Not what a user's `pull` or transform makes, which
 * are chunks of anything.
 */
export function isNative(body: ReadableStream): boolean {
  try {
    body.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}
