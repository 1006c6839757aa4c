/** Which traces are sampled when they begin: the variables, the ratio by the trace's id, the parent's flag. */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { assert, double, property, stringMatching } from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createHeadSampler, isWithinRatio, resolveHead, type HeadSampling } from '../../src/runtime/head-sampling.ts'
import { slot } from '../../src/runtime/slot.ts'

const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
beforeEach(() => {
  slot.warned.clear()
  warn.mockClear()
})

describe('the variables', () => {
  const parents = (parentsPerRoot: number) => ({ isParentBased: true, parentsPerRoot })
  test.each<[name: string | undefined, arg: string | undefined, option: number | undefined, expected: object]>([
    [undefined, undefined, undefined, { ratio: 1, ...parents(10) }],
    ['', '0.5', undefined, { ratio: 1, ...parents(10) }],
    ['always_on', undefined, undefined, { ratio: 1, isParentBased: false }],
    ['always_off', undefined, undefined, { ratio: 0, isParentBased: false }],
    ['traceidratio', '0.25', undefined, { ratio: 0.25, isParentBased: false }],
    ['traceidratio', undefined, undefined, { ratio: 1, isParentBased: false }],
    ['parentbased_always_on', undefined, undefined, { ratio: 1, ...parents(10) }],
    ['parentbased_always_off', undefined, undefined, { ratio: 0, ...parents(Infinity) }],
    ['parentbased_traceidratio', '0.01', undefined, { ratio: 0.01, ...parents(0.1) }],
    ['parentbased_traceidratio', '1e-2', undefined, { ratio: 0.01, ...parents(0.1) }],
    ['always_off', undefined, 0.5, { ratio: 0.5, ...parents(5) }],
    ['always_on', undefined, 0, { ratio: 0, ...parents(0) }],
  ])('%s, %s and the option %s', (name, arg, option, expected) => {
    expect(resolveHead(option, { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: arg })).toMatchObject(expected)
    expect(warn).not.toHaveBeenCalled()
  })

  test.each([
    [
      'xray',
      undefined,
      'OTEL_TRACES_SAMPLER must be one of always_on, always_off, traceidratio, parentbased_always_on',
    ],
    ['constructor', undefined, 'OTEL_TRACES_SAMPLER must be one of always_on'],
    ['traceidratio', 'half', 'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1'],
    ['parentbased_traceidratio', '-1', 'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1'],
    ['traceidratio', '1.5', 'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1'],
  ])('%s with %s is named, and everything sampled', (name, arg, said) => {
    const env = { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: arg }
    expect(resolveHead(undefined, env)).toMatchObject({ ratio: 1 })
    expect(warn.mock.calls).toEqual([[expect.stringContaining(said)]])
    expect(warn.mock.lastCall![0]).toContain('UO220')
  })
})

const hex = (digits: number) => stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`))
const ratio = double({ min: 0, max: 1, noNaN: true })

describe('the ratio', () => {
  test('what a smaller one samples, a larger one does; only the last 56 bits count', () => {
    assert(
      property(hex(32), hex(18), ratio, ratio, (traceId, others, a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a]
        if (isWithinRatio(traceId, less)) expect(isWithinRatio(traceId, more)).toBe(true)
        expect(isWithinRatio(others + traceId.slice(18), a)).toBe(isWithinRatio(traceId, a))
        expect(isWithinRatio(traceId, 1)).toBe(true)
        expect(isWithinRatio(traceId, 0)).toBe(false)
      }),
    )
  })

  test.each([0.01, 0.1, 0.5, 0.9])('%s of all ids', (ratio) => {
    // Evenly spread: as many as there are in the ratio.
    const ids = Array.from({ length: 1000 }, (_, n) =>
      Math.floor(((n + 0.5) / 1000) * 2 ** 52)
        .toString(16)
        .padStart(13, '0'),
    )
    expect(ids.filter((id) => isWithinRatio(`${'0'.repeat(18)}${id}0`, ratio))).toHaveLength(ratio * 1000)
  })
})

/** As `SamplingDecision`. */
const [NOT_RECORD, RECORD, RECORD_AND_SAMPLED] = [0, 1, 2]
const [LOW, HIGH] = ['0'.repeat(31) + '1', 'f'.repeat(32)]

function decide(head: HeadSampling, traceId: string, parent?: { traceFlags: number; isRemote: boolean }): number {
  return decider(head)(traceId, parent)
}

function decider(head: HeadSampling) {
  const sampler = createHeadSampler(head)
  return (traceId: string, parent?: { traceFlags: number; isRemote: boolean }) => {
    const context = parent
      ? trace.setSpanContext(ROOT_CONTEXT, { ...parent, traceId, spanId: '1'.repeat(16) })
      : ROOT_CONTEXT
    return sampler.shouldSample(context, traceId, 'name', 0, {}, []).decision
  }
}

describe('what is recorded, and what is told to others', () => {
  const half = resolveHead(0.5, {})
  const remote = (traceFlags: number) => ({ traceFlags, isRemote: true })
  test.each<[string, HeadSampling, string, Parameters<typeof decide>[2], number]>([
    ['within the ratio', half, HIGH, undefined, RECORD_AND_SAMPLED],
    ['not within it', half, LOW, undefined, RECORD],
    ['the parent of this process is sampled', half, LOW, { traceFlags: 1, isRemote: false }, RECORD_AND_SAMPLED],
    ['the parent of this process is not', half, HIGH, { traceFlags: 0, isRemote: false }, RECORD],
    ['the caller has sampled', half, LOW, remote(1), RECORD_AND_SAMPLED],
    ['the caller has not', half, HIGH, remote(0), RECORD],
    ['the caller has, with other flags', half, LOW, remote(3), RECORD_AND_SAMPLED],
    [
      'always_on, whatever the caller has',
      resolveHead(undefined, { OTEL_TRACES_SAMPLER: 'always_on' }),
      LOW,
      remote(0),
      RECORD_AND_SAMPLED,
    ],
    [
      'always_off records nothing',
      resolveHead(undefined, { OTEL_TRACES_SAMPLER: 'always_off' }),
      HIGH,
      remote(1),
      NOT_RECORD,
    ],
    [
      'parentbased_always_off and a sampled caller',
      resolveHead(undefined, { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }),
      LOW,
      remote(1),
      RECORD_AND_SAMPLED,
    ],
    [
      'parentbased_always_off and none',
      resolveHead(undefined, { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }),
      HIGH,
      undefined,
      RECORD,
    ],
  ])('%s', (_, head, traceId, parent, expected) => {
    expect(decide(head, traceId, parent)).toBe(expected)
  })

  test('callers that sample everything get ten times the ratio, and what is within it by itself', () => {
    const ask = decider(resolveHead(0.01, {}))
    const sampled = Array.from({ length: 1000 }, () => ask(LOW, remote(1))).filter((d) => d === RECORD_AND_SAMPLED)
    expect(sampled.length).toBeGreaterThanOrEqual(99)
    expect(sampled.length).toBeLessThanOrEqual(100)
    expect(ask(HIGH, remote(1))).toBe(RECORD_AND_SAMPLED)
    const none = decider(resolveHead(0, {}))
    expect(none(HIGH, remote(1))).toBe(RECORD)
  })

  test('what was not used is there later, ten at the most', () => {
    const ask = decider(resolveHead(0.01, {}))
    for (let n = 0; n < 10_000; n++) ask(LOW)
    const sampled = Array.from({ length: 20 }, () => ask(LOW, remote(1))).filter((d) => d === RECORD_AND_SAMPLED)
    expect(sampled.length).toBeGreaterThanOrEqual(10)
    expect(sampled.length).toBeLessThanOrEqual(12)
  })
})

afterEach(() => void vi.clearAllMocks())
