/** `exporters` of `otel.config.ts`: each gets what ours sends, at the same time and within the same budget. */
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import type { Config } from '../define-config.ts'
import type { InFlight } from '../exporter.ts'
import type { Setup } from '../provider.ts'
import { createWait, listOf, untraced, type Wait } from '../user-functions.ts'
import { besideOurs } from '../without-endpoint.ts'

const KEY = 'exporters'
type Exporting = readonly [work: Promise<unknown>, wait: Wait]

export function addExporters(setup: Setup, config: Config | undefined): Setup {
  // One that hangs takes no other's time away.
  const exporters = listOf(config, KEY).map((each) => [each as unknown as SpanExporter, createWait(KEY)] as const)
  if (exporters.length === 0) return setup
  /** Of an invocation that still runs: what was exported meanwhile. */
  const running = new WeakMap<InFlight, Exporting[]>()

  function exportAll(spans: ReadableSpan[]): Exporting[] {
    if (spans.length === 0) return []
    return exporters.map(([exporter, wait]) => {
      const work = exportBy(exporter, spans).then(() => untraced(() => exporter.forceFlush?.()))
      // That it failed is said when it is waited for.
      work.catch(() => {})
      return [work, wait]
    })
  }

  return besideOurs(setup, (exporter) => {
    const { send, flush } = exporter
    exporter.send = (spans, inFlight) => {
      running.set(inFlight, [...(running.get(inFlight) ?? []), ...exportAll(spans)])
      send(spans, inFlight)
    }
    exporter.flush = async (spans, inFlight, budgetMs, referenced) => {
      const exporting = [...(running.get(inFlight) ?? []), ...exportAll(spans)]
      running.delete(inFlight)
      await Promise.all([
        flush(spans, inFlight, budgetMs, referenced),
        ...exporting.map(([work, wait]) => wait(work, budgetMs, referenced)),
      ])
    }
  })
}

/** Rejects when it fails. */
function exportBy(exporter: SpanExporter, spans: ReadableSpan[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (result?: { code: number; error?: Error }) =>
      result?.code === 0 ? resolve() : reject(result?.error ?? new Error('an export failed'))
    // What this throws, rejects.
    untraced(() => exporter.export([...spans], done))
  })
}
