/** Numbers in the standard variables: what they mean here, what wins over them, what is no number. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Env, Host, RuntimeOptions } from '../../src/contract.ts'
import { resolveConfig, resolveFlush } from '../../src/runtime/config.ts'
import { slot } from '../../src/runtime/slot.ts'

const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
beforeEach(() => {
  slot.warned.clear()
  warn.mockClear()
})

const host: Host = {
  id: 'test',
  env: () => ({}),
  deployed: () => false,
  resource: () => ({}),
  keepAlive: () => 'before',
}
function resolve(env: Env, options: RuntimeOptions = {}): Record<string, number> {
  const { batch, spanLimits } = resolveConfig(options, env, host, 'http/json')!
  return { ...batch, ...spanLimits, ...resolveFlush(options, env, true) } as never
}

const SPAN = 'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT'
const GENERIC = 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'
const TIMEOUTS = ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT', 'OTEL_BSP_EXPORT_TIMEOUT']

describe('variables', () => {
  test.each<[name: string, meaning: string, fallback: number, options: RuntimeOptions]>([
    ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 'maxExportBatchSize', 512, { batch: { maxExportBatchSize: 7 } }],
    ['OTEL_BSP_MAX_QUEUE_SIZE', 'maxQueueSize', 2048, { batch: { maxQueueSize: 7 } }],
    ['OTEL_BSP_SCHEDULE_DELAY', 'interimMs', 1000, { batch: { interimMs: 7 } }],
    ...[SPAN, GENERIC].map(
      (name) => [name, 'attributeValueLengthLimit', 65_536, { limits: { attributeLength: 7 } }] as const,
    ),
    ...TIMEOUTS.map((name) => [name, 'budgetMs', 1000, { flush: { budgetMs: 7 } }] as const),
  ] as never)('%s is %s, by default %i; the option wins', (name, meaning, fallback, options) => {
    expect(resolve({})[meaning]).toBe(fallback)
    expect(resolve({ [name]: '' })[meaning]).toBe(fallback)
    expect(resolve({ [name]: '300' })[meaning]).toBe(300)
    expect(resolve({ [name]: '300' }, options)[meaning]).toBe(7)
    expect(warn).not.toHaveBeenCalled()
  })

  test.each([
    ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'attributeCountLimit'],
    ['OTEL_ATTRIBUTE_COUNT_LIMIT', 'attributeCountLimit'],
    ['OTEL_SPAN_EVENT_COUNT_LIMIT', 'eventCountLimit'],
    ['OTEL_SPAN_LINK_COUNT_LIMIT', 'linkCountLimit'],
  ])('%s is %s, 128 by default, and may be 0', (name, meaning) => {
    expect(resolve({})[meaning]).toBe(128)
    expect(resolve({ [name]: '0' })[meaning]).toBe(0)
    expect(resolve({ [name]: '300' })[meaning]).toBe(300)
  })

  test('the one of spans wins over the one of all signals', () => {
    expect(resolve({ [SPAN]: '1', [GENERIC]: '2' })).toMatchObject({ attributeValueLengthLimit: 1 })
    const [traces, all, processor] = TIMEOUTS as [string, string, string]
    expect(resolve({ [traces]: '1', [all]: '2', [processor]: '3' })).toMatchObject({ budgetMs: 1 })
    expect(resolve({ [all]: '2', [processor]: '3' })).toMatchObject({ budgetMs: 2 })
  })

  test.each(['-1', 'many', '1.5', '1e3', 'NaN', 'Infinity', '9999999999', '0x10'])(
    '%s is named, each variable once',
    (value) => {
      const names = ['OTEL_BSP_MAX_QUEUE_SIZE', 'OTEL_SPAN_LINK_COUNT_LIMIT']
      const env = Object.fromEntries(names.map((name) => [name, value]))
      for (let n = 0; n < 2; n++) expect(resolve(env)).toMatchObject({ maxQueueSize: 2048, linkCountLimit: 128 })
      expect(warn.mock.calls.map(([text]) => String(text))).toEqual(
        names.map((name) => expect.stringMatching(`^\\[unplugin-otel\\] ${name} must be a whole number\nUO220 `)),
      )
    },
  )

  test('no batch is of nothing', () => {
    expect(resolve({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '0' })).toMatchObject({ maxExportBatchSize: 512 })
  })
})
