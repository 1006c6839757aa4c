/** `redact` and `beforeSend` of `otel.config.ts`: the last to see a span before it is exported. */
import type { Attributes, HrTime } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Config } from '../define-config.ts'
import type { SentSpan } from '../hook-types.ts'
import { drop } from '../dropped.ts'
import type { Exporter } from '../exporter.ts'
import type { Setup } from '../provider.ts'
import { attempt, listOf } from '../user-functions.ts'

/** It has ended: its methods change nothing any more. */
type Ended = { -readonly [Key in keyof ReadableSpan]: ReadableSpan[Key] }
type Event = ReadableSpan['events'][number]

export function changeSent(setup: Setup, config: Config | undefined): Setup {
  const [redact] = listOf(config, 'redact')
  const [beforeSend] = listOf(config, 'beforeSend')
  return {
    ...setup,
    observe(exporter: Exporter) {
      setup.observe?.(exporter)
      const { send, flush } = exporter
      exporter.send = (spans, ...rest) => send(change(spans), ...rest)
      exporter.flush = (spans, ...rest) => flush(change(spans), ...rest)
    },
  }

  function change(spans: ReadableSpan[]): ReadableSpan[] {
    return spans.filter((span: Ended) => {
      if (redact) redactSpan(span)
      const isSent = !beforeSend || changeSpan(span)
      if (!isSent) drop([{ spans: 1 }], 'before_send')
      return isSent
    })
  }

  function redactSpan(span: Ended): void {
    span.attributes = redacted(span.attributes)
    span.events = span.events.map((event) => ({ ...event, attributes: redacted(event.attributes) }))
    span.links = span.links.map((link) => ({ ...link, attributes: redacted(link.attributes) }))
    const { message, ...status } = span.status
    if (message === undefined) return
    const kept = redacted({ [STATUS]: message })[STATUS]
    span.status = kept === undefined ? status : { ...status, message: String(kept) }
  }

  /** What cannot be looked at is left out. */
  function redacted(attributes: Attributes = {}): Attributes {
    const entries = Object.entries(attributes).map(([key, value]) => [
      key,
      attempt('redact', () => redact!(key, value!)),
    ])
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null))
  }

  /** @returns false: it is not sent */
  function changeSpan(span: Ended): boolean {
    const events = new Map(span.events.map((event) => [toSentEvent(event), event]))
    const sent = toSent(span, [...events.keys()])
    const given = attempt('beforeSend', () => ({ span: beforeSend!(sent) }))
    // What it would have taken out must not go.
    if (!given || given.span === null) return false
    const changed = attempt('beforeSend', () => {
      // What returns nothing has changed what it was given.
      const { name, attributes, status, events: kept } = given.span ?? sent
      Object.assign(span, {
        name: String(name),
        attributes: { ...attributes },
        status: { ...status },
        events: kept.map((event) => ({
          droppedAttributesCount: 0,
          ...events.get(event),
          name: String(event.name),
          attributes: { ...event.attributes },
          time: events.get(event)?.time ?? toHrTime(event.time),
        })),
      })
      return true
    })
    return changed === true
  }
}

/** As exporters without a status have it: https://opentelemetry.io/docs/specs/otel/common/mapping-to-non-otlp/#span-status */
const STATUS = 'otel.status_description'

function toSent(span: ReadableSpan, events: SentSpan['events']): SentSpan {
  const { traceId, spanId } = span.spanContext()
  return {
    name: span.name,
    kind: span.kind,
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    startTime: toMs(span.startTime),
    durationMs: toMs(span.duration),
    attributes: { ...span.attributes },
    events,
    links: span.links.map(({ context, attributes = {} }) => ({ ...context, attributes })),
    status: { ...span.status },
    resource: span.resource.attributes as Attributes,
    scope: span.instrumentationScope.name,
  }
}

function toSentEvent({ name, time, attributes = {} }: Event): SentSpan['events'][number] {
  return { name, time: toMs(time), attributes: { ...attributes } }
}

function toMs([seconds, nanoseconds]: HrTime): number {
  return seconds * 1e3 + nanoseconds / 1e6
}

function toHrTime(ms: number): HrTime {
  return [Math.floor(ms / 1e3), Math.round((ms % 1e3) * 1e6)]
}
