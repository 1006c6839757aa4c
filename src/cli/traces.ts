/**
 * Collects the spans of a trace until it is time to print it. They come in several requests and out of order: children
 * before parents while an invocation runs, and from every service by itself. So a trace waits until no span has come
 *
 * - for 300 ms, if all parents are there: requests of one invocation, and of two local services that answer each
 *   other, are a few milliseconds apart, and a person sees no delay;
 * - for 2 s, if a parent is missing: a running invocation exports every second what has ended, its root at the end. A
 *   parent may also be somewhere that does not report here, for example the gateway's, so there is no waiting for it;
 * - and at most 10 s after its first span, so that something is to be seen of what runs for minutes.
 *
 * What comes later, for example from a batch processor (5 s), is printed by the same rule as a continuation: only the
 * new spans, under their ancestors. A span that comes twice is shown once: delivery is at least once.
 */
import type { ReceivedSpan } from './otlp-span.ts'

export interface CollectedTrace {
  readonly traceId: string
  readonly spans: readonly ReceivedSpan[]
  /** The ids of those that were printed before. */
  readonly printed: ReadonlySet<string>
}

export interface TracesOptions {
  print(trace: CollectedTrace): void
  /** Of all traces, the printed included. Beyond it the trace that changed longest ago is printed and forgotten. */
  maxSpans?: number
  /** Of the request bodies whose spans are not printed yet. Beyond it they are printed at once. */
  maxBytes?: number
}

const COMPLETE_MS = 300
const INCOMPLETE_MS = 2000
const MAX_WAIT_MS = 10_000

interface Entry {
  readonly traceId: string
  readonly spans: Map<string, ReceivedSpan>
  readonly printed: Set<string>
  readonly missingParents: Set<string>
  bytes: number
  /** When the first span came that is not printed. */
  since: number
  timer?: NodeJS.Timeout | undefined
}

export function createTraces({ print, maxSpans = 20_000, maxBytes = 64 * 1024 * 1024 }: TracesOptions) {
  /** In the order of their last change. */
  const entries = new Map<string, Entry>()
  let spanCount = 0
  let bytesWaiting = 0

  function add(spans: readonly ReceivedSpan[], bytes: number): void {
    const changed = new Set<Entry>()
    for (const span of spans) {
      const entry = entryOf(span.traceId)
      if (entry.spans.has(span.spanId)) continue
      entry.spans.set(span.spanId, span)
      entry.missingParents.delete(span.spanId)
      if (span.parentSpanId && !entry.spans.has(span.parentSpanId)) entry.missingParents.add(span.parentSpanId)
      entry.bytes += bytes / spans.length
      bytesWaiting += bytes / spans.length
      spanCount++
      changed.add(entry)
    }
    for (const entry of changed) schedule(entry)
    for (const entry of entries.values()) {
      if (spanCount <= maxSpans && bytesWaiting <= maxBytes) break
      show(entry)
      if (spanCount > maxSpans) forget(entry)
    }
  }

  function entryOf(traceId: string): Entry {
    const entry = entries.get(traceId) ?? {
      traceId,
      spans: new Map(),
      printed: new Set(),
      missingParents: new Set(),
      bytes: 0,
      since: 0,
    }
    entries.delete(traceId)
    entries.set(traceId, entry)
    return entry
  }

  function schedule(entry: Entry): void {
    clearTimeout(entry.timer)
    const now = performance.now()
    entry.since ||= now
    const quietMs = entry.missingParents.size > 0 ? INCOMPLETE_MS : COMPLETE_MS
    entry.timer = setTimeout(show, Math.max(0, Math.min(quietMs, entry.since + MAX_WAIT_MS - now)), entry)
  }

  function show(entry: Entry): void {
    clearTimeout(entry.timer)
    if (entry.printed.size === entry.spans.size) return
    print({ traceId: entry.traceId, spans: [...entry.spans.values()], printed: entry.printed })
    for (const [spanId, span] of entry.spans) {
      if (entry.printed.has(spanId)) continue
      entry.printed.add(spanId)
      entry.spans.set(spanId, toAncestor(span))
    }
    bytesWaiting -= entry.bytes
    entry.bytes = 0
    entry.since = 0
  }

  function forget(entry: Entry): void {
    spanCount -= entry.spans.size
    entries.delete(entry.traceId)
  }

  return {
    add,
    /** Prints what is still waiting. */
    flush() {
      for (const entry of entries.values()) show(entry)
    },
  }
}

const MAX_NAME = 200
const SERVICE_NAME = 'service.name'

/** What is needed of a printed span when a later one is shown below it. */
function toAncestor(span: ReceivedSpan): ReceivedSpan {
  const { traceId, spanId, parentSpanId, name, kind, startMs, endMs, flags, resource } = span
  const service = resource[SERVICE_NAME]
  return {
    traceId,
    spanId,
    ...(parentSpanId && { parentSpanId }),
    name: cut(name),
    kind,
    startMs,
    endMs,
    attributes: {},
    status: { code: 0 },
    events: [],
    links: [],
    flags,
    scope: { name: '', attributes: {} },
    resource: typeof service === 'string' ? { [SERVICE_NAME]: cut(service) } : {},
  }
}

/** A copy, because the slice of a long string keeps all of it in memory. */
function cut(text: string): string {
  return text.length > MAX_NAME ? Buffer.from(text.slice(0, MAX_NAME)).toString() : text
}
