/**
 * A trace as text: a line for what it is, then one for each span with its name, its place on the trace's time axis,
 * its duration and what matters about it.
 */
import { styleText } from 'node:util'
import { describeAttributes, describeErrors, isColdStart, isError, serviceOf } from './span-details.ts'
import { toRows } from './span-rows.ts'
import { clip, pad, printable, widthOf, wrap } from './text.ts'
import type { ReceivedSpan } from './otlp-span.ts'
import type { SpanRow } from './span-rows.ts'
import type { CollectedTrace } from './traces.ts'

export interface TreeOptions {
  /** In columns. */
  width: number
  color: boolean
}

type Format = Parameters<typeof styleText>[0]
type Style = (format: Format, text: string) => string

interface Layout {
  readonly width: number
  readonly nameWidth: number
  readonly barWidth: number
  readonly style: Style
  readonly startMs: number
  readonly endMs: number
}

const MIN_WIDTH = 60
const DURATION_WIDTH = 8
const MAX_ROWS = 500
const MAX_ERROR_LINES = 4

export function renderTrace(trace: CollectedTrace, { width, color }: TreeOptions): string[] {
  const rows = toRows(trace)
  const shown = rows.slice(0, MAX_ROWS)
  const columns = Math.max(MIN_WIDTH, width)
  const longest = Math.max(...shown.map(({ branch, span }) => widthOf(branch) + widthOf(printable(span.name))))
  const layout: Layout = {
    width: columns,
    nameWidth: Math.min(longest, Math.floor(columns * 0.4)),
    barWidth: Math.floor(columns * 0.24),
    // Whether there are colours is decided by the caller, not by the stream that `styleText` would look at.
    style: color ? (format, text) => styleText(format, text, { validateStream: false }) : (_, text) => text,
    startMs: trace.spans.reduce((earliest, { startMs }) => Math.min(earliest, startMs), Infinity),
    endMs: trace.spans.reduce((latest, { endMs }) => Math.max(latest, endMs), 0),
  }
  const lines = [toHeading(trace, layout), ...shown.flatMap((row) => toLines(row, layout))]
  if (rows.length > shown.length) lines.push(`… and ${rows.length - shown.length} more spans`)
  return lines
}

function toHeading({ traceId, spans, printed }: CollectedTrace, { width, style, startMs, endMs }: Layout): string {
  const fresh = spans.filter((span) => !printed.has(span.spanId))
  const errors = fresh.filter(isError).length
  const facts = [
    [...new Set(fresh.map(serviceOf))].join(', '),
    `${printed.size > 0 ? 'continued, ' : ''}${count(fresh.length, 'span')}`,
    ...(errors > 0 ? [count(errors, 'error')] : []),
    toDuration(endMs - startMs),
  ]
  return `${style('bold', `trace ${traceId}`)}  ${clip(facts.join(' · '), width - traceId.length - 8)}`
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`
}

function toLines(row: SpanRow, layout: Layout): string[] {
  const { span, branch, indent, printed } = row
  const { width, nameWidth, barWidth, style } = layout
  const name = pad(clip(branch + printable(span.name), nameWidth), nameWidth)
  if (printed) return [style('dim', `${name.trimEnd()}  (above)`)]

  const failed = isError(span)
  const marks = toMarks(row)
  const attributes = describeAttributes(span.attributes)
  const room = width - nameWidth - barWidth - DURATION_WIDTH - 6
  const fits = attributes.length === 0 || widthOf([...marks.map(([mark]) => mark), ...attributes].join(' · ')) <= room
  const details = [
    ...marks.map(([mark, format]) => style(format, mark)),
    ...(fits ? attributes.map((attribute) => style('dim', attribute)) : []),
  ].join(' · ')
  const bar = style(failed ? 'red' : 'cyan', toBar(span, layout))
  const duration = toDuration(span.endMs - span.startMs).padStart(DURATION_WIDTH)
  return [
    `${name}  ${bar}  ${duration}  ${details}`.trimEnd(),
    ...(fits ? [] : [`${indent}${style('dim', clip(attributes.join(' · '), width - widthOf(indent)))}`]),
    ...toFlushLines(span).map((line) => `${indent}${style('dim', clip(line, width - widthOf(indent)))}`),
    ...toErrorLines(span, width - widthOf(indent)).map((line) => `${indent}${style('red', line)}`),
  ]
}

function toMarks({ span, parent }: SpanRow): [mark: string, format: Format][] {
  const service = serviceOf(span)
  const marks: [string, Format][] = []
  if (isError(span)) marks.push(['error', 'red'])
  if (isColdStart(span)) marks.push(['cold start', 'yellow'])
  if (parent && serviceOf(parent) !== service) marks.push([service, 'bold'])
  if (span.parentSpanId && !parent) marks.push(['parent not received', 'dim'])
  return marks
}

/** How the flush before went, which the roots of a build with `debug` say. */
function toFlushLines({ attributes }: ReceivedSpan): string[] {
  const [seconds, attempts, kept, dropped] = ['duration', 'attempts', 'retained_spans', 'dropped_spans'].map((name) =>
    Number(attributes[`unplugin_otel.flush.${name}`]),
  ) as [number, number, number, number]
  if (Number.isNaN(seconds + attempts + kept + dropped)) return []
  const spans = `${count(kept, 'span')} kept, ${dropped} dropped`
  return [`flush before: ${toDuration(seconds * 1000)}, ${count(attempts, 'request')}, ${spans}`]
}

function toErrorLines(span: ReceivedSpan, width: number): string[] {
  return describeErrors(span).flatMap((message) => {
    const lines = wrap(message, width)
    return lines.length > MAX_ERROR_LINES
      ? [...lines.slice(0, MAX_ERROR_LINES - 1), clip(lines.slice(MAX_ERROR_LINES - 1).join(''), width)]
      : lines
  })
}

/** At least one cell, also for what took no time. */
function toBar({ startMs, endMs }: ReceivedSpan, { barWidth, ...trace }: Layout): string {
  const scale = barWidth / Math.max(trace.endMs - trace.startMs, Number.EPSILON)
  const from = Math.min(Math.floor((startMs - trace.startMs) * scale), barWidth - 1)
  const to = Math.max(Math.min(Math.ceil((endMs - trace.startMs) * scale), barWidth), from + 1)
  return `${' '.repeat(from)}${'━'.repeat(to - from)}${' '.repeat(barWidth - to)}`
}

function toDuration(ms: number): string {
  const positive = Math.max(0, ms) // an end before the start is the sender's mistake
  if (positive < 999.95) return `${positive.toFixed(1)} ms`
  return positive < 60_000 ? `${(positive / 1000).toFixed(2)} s` : `${(positive / 60_000).toFixed(1)} min`
}
