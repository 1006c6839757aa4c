/** `propagators`: what is read of a caller's headers, and what others get. */
import { defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import { describe, expect, test } from 'vitest'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import { createB3 } from '../../src/runtime/b3.ts'
import { xray } from '../../src/runtime/xray.ts'

const TRACE = '5759e988bd862e3fe1be46a994272793'
const SPAN = '53995c3f42cd8ad8'
const ROOT = `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}`
const context = (traceFlags: number) =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE, spanId: SPAN, traceFlags, isRemote: true })
const read = (by: typeof xray, carrier: object) =>
  trace.getSpanContext(by.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter))
const whole = (traceFlags: number, traceId = TRACE) => ({ traceId, spanId: SPAN, traceFlags, isRemote: true })

describe('B3', () => {
  test.each<[string, object, object | undefined]>([
    ['sampled', { b3: `${TRACE}-${SPAN}-1` }, whole(1)],
    ['not sampled', { b3: `${TRACE}-${SPAN}-0` }, whole(0)],
    ['debug, with a parent', { b3: `${TRACE}-${SPAN}-d-${SPAN}` }, whole(1)],
    ['undecided', { b3: `${TRACE}-${SPAN}` }, whole(1)],
    ['64 bits', { b3: `${TRACE.slice(16)}-${SPAN}-1` }, whole(1, `${'0'.repeat(16)}${TRACE.slice(16)}`)],
    ['a list', { b3: [`${TRACE}-${SPAN}-1`, 'x'] }, whole(1)],
    ['a decision alone', { b3: '0' }, undefined],
    ['none', {}, undefined],
    ['no text', { b3: 7 }, undefined],
    ['several', { 'x-b3-traceid': TRACE.toUpperCase(), 'x-b3-spanid': SPAN, 'x-b3-sampled': '1' }, whole(1)],
    ['several, in words', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': 'false' }, whole(0)],
    [
      'several, debug',
      { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-flags': '1', 'x-b3-sampled': '0' },
      whole(1),
    ],
    ['several, without a span', { 'x-b3-traceid': TRACE }, undefined],
  ])('%s', (_, carrier, expected) => {
    expect(read(createB3(false), carrier)).toEqual(expected)
    expect(read(createB3(true), carrier)).toEqual(expected)
  })

  test('is written in the form that was chosen', () => {
    const [single, multi, none] = [{}, {}, {}]
    createB3(false).inject(context(1), single, defaultTextMapSetter)
    createB3(true).inject(context(0), multi, defaultTextMapSetter)
    createB3(false).inject(suppressTracing(context(1)), none, defaultTextMapSetter)
    expect([single, multi, none]).toEqual([
      { b3: `${TRACE}-${SPAN}-1` },
      { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-sampled': '0' },
      {},
    ])
  })
})

describe('X-Ray', () => {
  test.each<[string, unknown, object | undefined]>([
    ['sampled', `${ROOT};Parent=${SPAN};Sampled=1`, whole(1)],
    ['not sampled', `${ROOT};Parent=${SPAN};Sampled=0`, whole(0)],
    ['behind a load balancer', `Self=1-1-1;${ROOT};Lineage=1:a;Parent=${SPAN};Sampled=1`, whole(1)],
    ['undecided', `${ROOT};Parent=${SPAN};Sampled=?`, whole(0)],
    ['without a parent', ROOT, undefined],
    ['another version', `Root=2-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${SPAN}`, undefined],
    ['no text', {}, undefined],
  ])('%s', (_, header, expected) => {
    expect(read(xray, { 'x-amzn-trace-id': header })).toEqual(expected)
  })

  test('is written as it is read', () => {
    const carrier = {}
    xray.inject(context(1), carrier, defaultTextMapSetter)
    expect(carrier).toEqual({ 'x-amzn-trace-id': `${ROOT};Parent=${SPAN};Sampled=1` })
    expect(read(xray, carrier)).toEqual(whole(1))
  })
})

test.each<[option: string[] | undefined, variable: string | undefined, expected: string[] | undefined]>([
  [undefined, undefined, undefined],
  [undefined, '', undefined],
  [undefined, 'tracecontext,baggage', undefined],
  [undefined, 'tracecontext', undefined],
  [undefined, 'b3', ['b3']],
  [undefined, ' tracecontext, b3 ,b3,', ['tracecontext', 'b3']],
  [undefined, 'none', []],
  [['xray'], 'b3', ['xray']],
  [['tracecontext', 'baggage'], undefined, ['tracecontext', 'baggage']],
  [['tracecontext'], undefined, undefined],
])('the option %j, and OTEL_PROPAGATORS=%s while building', (option, variable, expected) => {
  const options = option ? { propagators: option as never } : {}
  expect(resolveOptions(options, { OTEL_PROPAGATORS: variable }).propagators).toEqual(expected)
})

test('what there is not is an error', () => {
  // In the variable it may be meant for what builds.
  expect(resolveOptions({}, { OTEL_PROPAGATORS: 'b3,jaeger' }).propagators).toEqual(['b3'])
  expect(() => resolveOptions({ propagators: ['jaeger' as never] })).toThrow('propagators is ["jaeger"]')
  expect(() => resolveOptions({ propagators: ['none', 'b3'] })).toThrow('UO131')
})
