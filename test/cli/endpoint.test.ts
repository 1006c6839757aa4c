/** What explain says of the endpoint is what the function will say. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { explainEndpoint } from '../../src/cli/explain/endpoint.ts'
import { isDisabled, resolveConfig } from '../../src/runtime/config.ts'
import type { Host } from '../../src/contract.ts'
import { slot } from '../../src/runtime/slot.ts'

const TRACES = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
const GENERAL = 'OTEL_EXPORTER_OTLP_ENDPOINT'
const SECRET = 'user:hunter2'

let warned: string
beforeEach(() => {
  slot.warned.clear()
  warned = ''
  vi.spyOn(console, 'warn').mockImplementation((text) => void (warned += text))
})
afterEach(() => vi.restoreAllMocks())

test.each<Record<string, string>>([
  {},
  { [GENERAL]: '' },
  { [GENERAL]: `http://${SECRET}@collector:4318` },
  { [GENERAL]: `http://${SECRET}@collector:4317` },
  { [TRACES]: `https://${SECRET}@collector:4317/v1/traces` },
  { [GENERAL]: `${SECRET}@collector:4318` },
  { [GENERAL]: ' http://collector:4318' },
  { [GENERAL]: 'http://collector:port' },
  { [TRACES]: 'collector', [GENERAL]: 'http://collector:4318' },
  { [GENERAL]: 'http://collector:4318', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  { [GENERAL]: 'http://collector:4318', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
  {
    [GENERAL]: 'http://collector:4318',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  },
])('%j', (env) => {
  const host: Host = {
    id: 'a',
    env: () => env,
    deployed: () => false,
    resource: () => ({}),
    keepAlive: () => 'after',
  } as const
  resolveConfig({}, env, host, 'http/json')
  const { chain, problems } = explainEndpoint(env, 'http/json')
  expect(problems.map(({ code }) => code)).toEqual(warned.match(/UO\d{3}/g) ?? [])
  expect(chain.filter(({ isSet }) => isSet).map(({ source }) => source)).toEqual(
    [TRACES, GENERAL].filter((name) => env[name]),
  )
  expect(JSON.stringify({ chain, problems })).not.toContain('hunter2')
})

test.each([
  ...['true', 'TRUE', 'false', '1', ''].map((value) => ['OTEL_SDK_DISABLED', value] as const),
  ...['none', 'None', 'otlp', 'console', ''].map((value) => ['OTEL_TRACES_EXPORTER', value] as const),
])('%s=%s stands before them if it turns tracing off', (source, value) => {
  const env = { [source]: value }
  const [first] = explainEndpoint(env, 'http/json').chain
  expect(first).toEqual(isDisabled(env) ? { source, isSet: true } : { source: TRACES, isSet: false })
})
