/** Everything that a tracer and a span can be told, well-formed or not, and what comes of it. */
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  context,
  createTraceState,
  trace,
  type Attributes,
  type Exception,
  type Link,
  type Span,
  type SpanStatus,
  type Tracer,
} from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { whileStopped } from './standing-clocks.ts'

const many = (count: number): Attributes => Object.fromEntries(Array.from({ length: count }, (_, n) => [`key${n}`, n]))
const circular: Record<string, unknown> = { inside: {} }
circular['inside'] = circular
const shared = { a: 1 }

/** Also what TypeScript would not let through: users write JavaScript. */
const ODD = {
  text: 'ä',
  long: 'long '.repeat(10),
  longBytes: new Uint8Array(50),
  whole: -7,
  real: 0.5,
  nan: Number.NaN,
  yes: true,
  nothing: null,
  missing: undefined,
  bytes: new Uint8Array([1, 255]),
  list: ['a', undefined, null],
  mixed: ['a', 1, { deep: [true] }],
  sparse: Object.assign([], { 2: 'c' }),
  deepSparse: { list: Object.assign([], { 1: null }) },
  ofOneKind: [null, 1, undefined, 2],
  ofNoKind: [{}, {}],
  bare: Object.assign(Object.create(null), { a: 1, long: 'long '.repeat(10) }),
  own: { constructor: undefined, a: 1 },
  twice: [shared, shared],
  deepNull: { a: null, b: [null] },
  deepInvalid: { a: [1, { b: () => 1 }] },
  buffer: Buffer.from('long '.repeat(10)),
  boxed: new String('text'),
  infinite: Number.POSITIVE_INFINITY,
  large: 2 ** 60,
  map: { a: { b: [1.5, 'x'] }, gone: undefined },
  big: 1n,
  run: () => 1,
  symbol: Symbol('s'),
  date: new Date(0),
  url: new URL('http://a'),
  circular,
  '': 'no key',
} as unknown as Attributes

/** Made once: they have the same stack. */
const ERRORS = ['text', new TypeError('broken'), Object.assign(new Error('code'), { code: 5 }), {}, { name: 'N' }, '']

const remote = (traceFlags: number, isRemote = true) => ({
  traceId: '1'.repeat(32),
  spanId: '2'.repeat(16),
  traceFlags,
  isRemote,
  traceState: createTraceState('vendor=1,other=2'),
})
const links = (count: number): Link[] =>
  Array.from({ length: count }, (_, n) => ({ context: { ...remote(1), spanId: `${n}`.padStart(16, '3') } }))

function record(tracer: Tracer): Span[] {
  const spans: Span[] = []
  const within = (parent: ReturnType<typeof remote>) => trace.setSpanContext(ROOT_CONTEXT, parent)
  const start = (...args: Parameters<Tracer['startSpan']>): Span => {
    const span = tracer.startSpan(args[0], args[1], args[2] ?? ROOT_CONTEXT)
    spans.push(span)
    return span
  }
  const odd = start('odd', {
    kind: SpanKind.CONSUMER,
    attributes: ODD,
    links: [{ context: remote(0), attributes: ODD }],
  })
  start('child', { attributes: many(130) }, trace.setSpan(ROOT_CONTEXT, odd))
    .setAttributes(many(140))
    .end()
  for (const [key, value] of Object.entries(ODD)) odd.setAttribute(key, value!)
  odd.setAttributes(Object.assign(Object.create({ inherited: 1 }), { own: 1 })).setAttributes(many(130))
  odd.setAttribute('key1', 'again').updateName('renamed')
  odd.addEvent('plain').addEvent('attributes', ODD).addEvent('many', many(130)).addEvent('times', ODD, new Date(5))
  odd.addEvent('at', [1_700_000_000, 5]).addEvent('both', 1_700_000_000_000, 1_800_000_000_000).addEvent('since', 3)
  odd.addLink({ context: remote(1), attributes: many(130) }).addLinks(links(3))
  for (const error of ERRORS) odd.recordException(error as Exception)
  odd.recordException('then', 1_700_000_000_000)
  odd.end()
  odd
    .setAttribute('late', 1)
    .setStatus({ code: SpanStatusCode.ERROR })
    .addEvent('late')
    .addLink({ context: remote(1) })
  odd.updateName('late').end()

  const full = start('full', { links: links(130), startTime: [1_700_000_000, 999_999_999] })
  for (let n = 0; n < 130; n++) full.addEvent(`event ${n}`).addLink({ context: remote(n) })
  full.end([1_700_000_001, 1])
  start('before it began', { startTime: 1_700_000_000_000 }).end(1_600_000_000_000)
  start('dates', { startTime: new Date(1_700_000_000_000) }).end(new Date(1_700_000_000_123))
  start('given and now', { startTime: 1_700_000_000_000 }).end()

  const statuses: unknown[][] = [
    [{ code: SpanStatusCode.UNSET }],
    [
      { code: SpanStatusCode.ERROR, message: 'first' },
      { code: SpanStatusCode.OK, message: 'no' },
    ],
    [{ code: SpanStatusCode.OK }, { code: SpanStatusCode.ERROR, message: 'late' }],
    [{ code: SpanStatusCode.ERROR, message: 7 }, { code: SpanStatusCode.UNSET }],
  ]
  for (const set of statuses) {
    const span = start('status')
    for (const status of set) span.setStatus(status as SpanStatus)
    span.end()
  }

  // What is recorded, and whose child it is.
  start('sampled', {}, within(remote(1))).end()
  start('sampled, with other flags', {}, within(remote(0x83))).end()
  start('not sampled', {}, within(remote(0))).end()
  start('not sampled, local', {}, within(remote(0, false))).end()
  start('an invalid parent', {}, within({ ...remote(0), spanId: '0'.repeat(16) })).end()
  start('a root', { root: true }, within(remote(0))).end()
  start('suppressed', {}, suppressTracing(ROOT_CONTEXT)).end()
  context.with(within(remote(1)), () => {
    tracer.startActiveSpan('two', (span) => (spans.push(span), tracer.startSpan('inner').end(), span.end()))
    tracer.startActiveSpan('three', { kind: SpanKind.CLIENT }, (span) => (spans.push(span), span.end()))
    tracer.startActiveSpan('four', { root: true }, within(remote(1)), (span) => (spans.push(span), span.end()))
  })
  return spans
}

/** Ids in order of appearance. */
export function describeSpans(spans: readonly (Span | ReadableSpan)[]) {
  const ids = new Map<string, number>()
  const idOf = (id = '') => ids.get(id) ?? (ids.set(id, ids.size), ids.size - 1)
  const contextOf = (of: ReturnType<Span['spanContext']> | undefined) =>
    of && [idOf(of.traceId), idOf(of.spanId), of.traceFlags, of.isRemote, of.traceState?.serialize()]
  return (spans as (Span & Partial<ReadableSpan>)[]).map((span) => {
    const { name, kind, attributes, events, startTime, endTime, duration, ended, status } = span
    const { instrumentationScope, droppedAttributesCount, droppedEventsCount, droppedLinksCount } = span
    return {
      own: contextOf(span.spanContext()),
      parent: contextOf(span.parentSpanContext),
      isRecording: span.isRecording(),
      links: span.links?.map((link) => ({ ...link, context: contextOf(link.context) })),
      name,
      kind,
      attributes,
      events,
      startTime,
      endTime,
      duration,
      ended,
      status,
      instrumentationScope,
      droppedAttributesCount,
      droppedEventsCount,
      droppedLinksCount,
    }
  })
}

/** While the clocks stand still. */
export function recordEverything(tracer: Tracer): Span[] {
  return whileStopped(() => record(tracer))
}
