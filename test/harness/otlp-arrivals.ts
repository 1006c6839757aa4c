import type { ReceivedSpan } from '../../src/cli/otlp-span.ts'

/** Lets a test wait until a number of spans has been received. */
export function createArrivals(spans: ReceivedSpan[]) {
  const waiters = new Set<() => void>()

  function waitForSpans(count: number, timeoutMs = 2000): Promise<ReceivedSpan[]> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (spans.length < count) return
        settle()
        resolve(spans)
      }
      const timer = setTimeout(() => {
        settle()
        const names = spans.map((span) => span.name).join(', ')
        reject(new Error(`${spans.length} of ${count} spans after ${timeoutMs} ms: ${names}`))
      }, timeoutMs)
      const settle = () => {
        clearTimeout(timer)
        waiters.delete(check)
      }
      waiters.add(check)
      check()
    })
  }

  return {
    waitForSpans,
    announce() {
      for (const check of waiters) check()
    },
  }
}
