/** What `tools/slim-sdk.ts` makes of the SDK records and encodes the same as the official one. */
// First: our clocks are taken when it is loaded.
import './standing-clocks.ts'
import {
  ROOT_CONTEXT,
  SpanKind,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  trace,
  type Attributes,
  type Span,
  type TraceState,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator, suppressTracing } from '@opentelemetry/core'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { defaultResource } from '@opentelemetry/resources'
import { TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace'
import { als } from 'unplugin-otel/runtime/context/als'
import { instrument, setup } from 'unplugin-otel/runtime/edge'
import { encoding as json } from 'unplugin-otel/runtime/encoding/json'
import { encoding as protobuf } from 'unplugin-otel/runtime/encoding/protobuf'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startReceiver } from './harness/otlp-receiver.ts'
import { describeSpans, recordEverything } from './recorded-spans.ts'
import { CHANGES, TRACE_PARENTS, TRACE_STATES } from './trace-contexts.ts'

/** What the official SDK does not say. */
function takeCuts({ attributes }: ReadableSpan): unknown {
  const { 'unplugin_otel.truncated_attributes': cuts } = attributes ?? {}
  delete attributes?.['unplugin_otel.truncated_attributes']
  return cuts
}

describe('as the official SDK', async () => {
  const receiver = await startReceiver()
  const exported: ReadableSpan[] = []
  const encoding = {
    ...json,
    encode(spans: ReadableSpan[]) {
      exported.push(...spans)
      return json.encode(spans)
    },
  }
  const host = {
    id: 'test',
    env: () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_RESOURCE_ATTRIBUTES: 'team=shop' }),
    deployed: () => true,
    resource: () => ({ 'faas.name': undefined, 'service.name': undefined, list: ['a'] }) as unknown as Attributes,
    keepAlive: () => 'before' as const,
  }
  /** Some of the values are longer. */
  const attributeLength = 40
  let made: Span[] = []
  const kind = { start: () => ({ name: 'root', kind: SpanKind.SERVER, attributes: {} }) }
  const handler = () => void (made = recordEverything(trace.getTracer('shop', '1.2.0')))
  const meta = { file: 'index.ts', name: 'handler', line: 1 }
  await instrument(kind, handler, meta, setup({ limits: { attributeLength } }, host, als, encoding))()
  await receiver.stop()

  test('the spans', () => {
    const ended: ReadableSpan[] = []
    const onEnd = (span: ReadableSpan) => void ended.push(span)
    const processor = { onStart() {}, onEnd, forceFlush: async () => {}, shutdown: async () => {} }
    const spanLimits = { attributeValueLengthLimit: attributeLength }
    const official = recordEverything(
      new TracerProvider({ spanProcessors: [processor], spanLimits }).getTracer('shop', '1.2.0'),
    )
    expect(made).toHaveLength(official.length)
    const cut = made.map((span) => takeCuts(span as Span & ReadableSpan))
    expect(describeSpans(made)).toEqual(describeSpans(official))
    // Each of them has a value that is longer.
    expect(cut.filter(Boolean)).toEqual([16])
    expect(exported.filter(({ name }) => name !== 'root').map(({ name }) => name)).toEqual(
      ended.map(({ name }) => name),
    )
    expect(ended.length).toBeGreaterThan(15)
  })

  test('an ended span does not throw where a class stands in the place of Error', () => {
    const [span = expect.unreachable()] = made
    vi.stubGlobal('Error', class extends Error {})
    onTestFinished(() => void vi.unstubAllGlobals())
    expect(span.isRecording()).toBe(false)
    expect(() => span.setAttribute('late', 1)).not.toThrow()
  })

  test('the resource', () => {
    const [{ resource } = expect.unreachable()] = exported
    expect(resource.attributes).toEqual({
      ...defaultResource().attributes,
      'service.name': 'unknown_service',
      'telemetry.sdk.language': 'webjs',
      'telemetry.distro.name': 'unplugin-otel',
      'telemetry.distro.version': expect.any(String),
      team: 'shop',
      list: ['a'],
    })
    const merged = resource.merge({ ...resource, attributes: { team: 'other' } })
    expect(merged.attributes).toEqual({ ...resource.attributes, team: 'other' })
    expect(merged.merge(null).getRawAttributes()).toEqual(Object.entries(merged.attributes))
  })

  test.each([
    ['JSON', json, JsonTraceSerializer],
    ['protobuf', protobuf, ProtobufTraceSerializer],
  ])('encoded as %s', (_, ours, official) => {
    const bytes = official.serializeRequest(exported)!
    expect(bytes.length).toBeGreaterThan(10_000)
    // Theirs are numbers that receivers take for none.
    const text = Buffer.from(bytes)
      .toString('latin1')
      .replaceAll(
        '{"key":"infinite","value":{"doubleValue":null}}',
        '{"key":"infinite","value":{"doubleValue":"Infinity"}}',
      )
      .replaceAll('"doubleValue":null', '"doubleValue":"NaN"')
      .replaceAll('{"key":"large","value":{"intValue":', '{"key":"large","value":{"doubleValue":')
    expect(Buffer.from(ours.encode(exported)!).toString('latin1') === text).toBe(true)
  })

  test('what callers send as traceparent, and what is sent on', () => {
    const official = new W3CTraceContextPropagator()
    const pass = (by: Pick<W3CTraceContextPropagator, 'extract' | 'inject'>, traceparent: unknown) => {
      const context = by.extract(ROOT_CONTEXT, { traceparent, tracestate: 'a=1' }, defaultTextMapGetter)
      const sent = {}
      by.inject(context, sent, defaultTextMapSetter)
      const suppressed = {}
      by.inject(suppressTracing(context), suppressed, defaultTextMapSetter)
      return [{ ...trace.getSpanContext(context), traceState: undefined }, sent, suppressed]
    }
    const ours = TRACE_PARENTS.map((given) => pass(propagation, given))
    expect(ours).toEqual(TRACE_PARENTS.map((given) => pass(official, given)))
    expect(ours.filter(([, sent]) => Object.keys(sent!).length > 0).length).toBeGreaterThan(5)
    expect(propagation.fields()).toEqual(official.fields())
  })

  test('what callers send as tracestate, and what comes of it', () => {
    const official = new W3CTraceContextPropagator()
    const read = (by: Pick<W3CTraceContextPropagator, 'extract'>, tracestate: unknown) => {
      const carrier = { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`, tracestate }
      const state = trace.getSpanContext(by.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter))?.traceState
      return state && walk(state)
    }
    const walk = (state: TraceState) => {
      const kept = Array.from('abz').map((key) => state.get(key))
      const steps = [
        state,
        ...CHANGES.map(([key, value]) => (value === undefined ? state.unset(key) : state.set(key, value))),
      ]
      let all = state
      for (const [key, value] of CHANGES) {
        all = value === undefined ? all.unset(key) : all.set(key, value)
        steps.push(all)
      }
      return [kept, steps.map((step) => step.serialize())]
    }
    const ours = TRACE_STATES.map((given) => read(propagation, given))
    expect(ours.flat().length).toBeGreaterThan(TRACE_STATES.length)
    expect(ours).toEqual(TRACE_STATES.map((given) => read(official, given)))
  })
})
