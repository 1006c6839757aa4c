/** Telemetry about telemetry, under `debug`: how the flush before went is said by the next root. */
import type { Exporter } from '../exporter.ts'
import { ownerOf } from '../invocation.ts'
import type { Setup } from '../provider.ts'
import { slot } from '../slot.ts'

/** Of one flush; plain data, which outlives invocations. */
interface Flushed {
  readonly seconds: number
  /** Requests, those that tell whether the collector is back included. */
  readonly attempts: number
  /** Spans that wait for a later flush when it is over, and those that were dropped and no root has told of yet. */
  readonly retained: number
  readonly dropped: number
}

export function observeFlushes(setup: Setup): Setup {
  const { transport } = setup
  let attempts = 0
  let last: Flushed | undefined

  function observe(exporter: Exporter): void {
    setup.observe?.(exporter)
    const { flush } = exporter
    exporter.flush = async (spans, ...rest) => {
      const root = spans.find((span) => ownerOf(span)?.root === (span as object))
      if (root && last) {
        // Not by its method: it has ended.
        Object.assign(root.attributes, {
          'unplugin_otel.flush.duration': last.seconds,
          'unplugin_otel.flush.attempts': last.attempts,
          'unplugin_otel.flush.retained_spans': last.retained,
          'unplugin_otel.flush.dropped_spans': last.dropped,
        })
        last = undefined
      }
      const began = Date.now()
      const before = attempts
      await flush(spans, ...rest)
      // One by hand, or for what ended late, that had nothing to do is none.
      if (spans.length === 0 && attempts === before) return
      last = {
        seconds: (Date.now() - began) / 1000,
        attempts: attempts - before,
        retained: slot.retained.reduce((sum, batch) => sum + batch.spans, 0),
        dropped: [...slot.dropped.values()].reduce((sum, count) => sum + count, 0),
      }
    }
  }

  return {
    ...setup,
    observe,
    transport: {
      ...transport,
      send(...request) {
        attempts++
        return transport.send(...request)
      },
    },
  }
}
