/** What `tools/slim-sdk.ts` makes of the SDK records and encodes the same as the official one. */
import { SpanKind, trace, type Attributes, type Span } from '@opentelemetry/api'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { defaultResource } from '@opentelemetry/resources'
import { TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace'
import { als } from 'unplugin-otel/runtime/context/als'
import { instrument, setup } from 'unplugin-otel/runtime/edge'
import { encoding as json } from 'unplugin-otel/runtime/encoding/json'
import { encoding as protobuf } from 'unplugin-otel/runtime/encoding/protobuf'
import { describe, expect, test } from 'vitest'
import { startReceiver } from './harness/otlp-receiver.ts'
import { describeSpans, recordEverything } from './recorded-spans.ts'

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
    expect(describeSpans(made)).toEqual(describeSpans(official))
    expect(exported.filter(({ name }) => name !== 'root').map(({ name }) => name)).toEqual(
      ended.map(({ name }) => name),
    )
    expect(ended.length).toBeGreaterThan(15)
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
    expect(Buffer.from(ours.encode(exported)!).equals(bytes)).toBe(true)
  })
})
