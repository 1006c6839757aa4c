/**
 * Build-time options and the standard `OTEL_*` variables → one configuration, read once, at the first
 * invocation. https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
import type { Attributes } from '@opentelemetry/api'
import type { SpanLimits } from '@opentelemetry/sdk-trace'
import type { Batch, Call, Env, FlushOptions, Host, Limits, RuntimeOptions } from '../contract.ts'
import { quietly, warnOnce } from './quietly.ts'
import { SERVICE_NAME } from './semconv.ts'
import { slot } from './slot.ts'

export interface Config {
  readonly endpoint: URL
  /** True when nobody asked for this endpoint: a refused connection is then no news. */
  readonly probe: boolean
  readonly headers: Record<string, string>
  readonly gzip: boolean
  readonly resource: Attributes
  readonly batch: Batch
  readonly limits: Limits
  readonly spanLimits: SpanLimits
}

const LOCAL_ENDPOINT = 'http://127.0.0.1:4318/v1/traces'

/** Undefined: nowhere to send to, which was said once. */
export function resolveConfig(
  options: RuntimeOptions,
  env: Env,
  host: Host,
  protocol: string,
  call?: Call,
): Config | undefined {
  const destination = resolveEndpoint(env, protocol, () => host.deployed(env, call))
  if (!destination) return undefined
  return {
    ...destination,
    headers: parsePairs(env['OTEL_EXPORTER_OTLP_HEADERS'], env['OTEL_EXPORTER_OTLP_TRACES_HEADERS']),
    gzip: (env['OTEL_EXPORTER_OTLP_TRACES_COMPRESSION'] || env['OTEL_EXPORTER_OTLP_COMPRESSION']) !== 'none',
    resource: resolveResource(options, env, host),
    // 512 spans a request, 2,048 that are kept and 1 s between interim exports are the SDK's and Lambda's own orders of size.
    batch: {
      maxExportBatchSize: countOf(env, 512, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE') || 512,
      maxQueueSize: countOf(env, 2048, 'OTEL_BSP_MAX_QUEUE_SIZE'),
      interimMs: countOf(env, 1000, 'OTEL_BSP_SCHEDULE_DELAY'),
      ...options.batch,
    },
    // 10,000 spans that wait for their export are some 15 MB, which a function of 128 MB has to spare.
    limits: { spansPerInvocation: 10_000, ...options.limits },
    spanLimits: {
      // Longer than any stack trace; sixty of them are still a request that collectors take.
      attributeValueLengthLimit:
        options.limits?.attributeLength ??
        countOf(env, 65_536, 'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'),
      // https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#span-limits
      attributeCountLimit: countOf(env, 128, 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'),
      eventCountLimit: countOf(env, 128, 'OTEL_SPAN_EVENT_COUNT_LIMIT'),
      linkCountLimit: countOf(env, 128, 'OTEL_SPAN_LINK_COUNT_LIMIT'),
    },
  }
}

/**
 * What an export may take is what an invocation may spend on it.
 * @param outlives whether a request that nobody waits for is sent: else no budget would be no export
 */
export function resolveFlush({ flush }: RuntimeOptions, env: Env, outlives: boolean): FlushOptions {
  const budgetMs =
    flush?.budgetMs ??
    // Their standard defaults are 10 and 30 s, which no response should wait.
    Math.min(
      countOf(env, 1000, 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT', 'OTEL_BSP_EXPORT_TIMEOUT'),
      1000,
    )
  return { marginMs: 500, mode: 'auto', ...flush, budgetMs: outlives ? budgetMs : budgetMs || 1000 }
}

export function isDisabled(env: Env): boolean {
  return env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none'
}

/** Of the first variable that has one. What is none is said once. */
function countOf(env: Env, fallback: number, ...names: readonly string[]): number {
  for (const name of names) {
    const value = env[name]
    if (!value) continue
    // More is for no list and no timer.
    if (/^\d{1,9}$/.test(value)) return Number(value)
    warnOnce('UO220', `${name} must be a whole number`, name)
  }
  return fallback
}

function resolveEndpoint(
  env: Env,
  protocol: string,
  isDeployed: () => boolean,
): Pick<Config, 'endpoint' | 'probe'> | undefined {
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']
  const name = own ? 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' : 'OTEL_EXPORTER_OTLP_ENDPOINT'
  const value = env[name]
  if (!value) {
    if (!isDeployed()) return { endpoint: new URL(LOCAL_ENDPOINT), probe: true }
    warnOnce('UO201', 'tracing is off: set OTEL_EXPORTER_OTLP_ENDPOINT, e.g. http://host:4318')
    return undefined
  }
  // Asked first, because the error of `new URL` quotes its input, credentials included.
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) {
    warnOnce('UO202', `tracing is off: ${name} is not an http(s) URL, e.g. http://host:4318`)
    return undefined
  }
  const endpoint = new URL(value)
  // The specification: the signal's own variable is used as it is, the general one is a base; its query stays behind.
  if (!own) endpoint.pathname = endpoint.pathname.replace(/\/*$/, '/v1/traces')
  const asked = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL']
  if (asked === 'grpc' || endpoint.port === '4317') {
    warnOnce('UO203', `gRPC is not supported, sending ${protocol}: set ${name} to the HTTP port, 4318`)
    // What fails then has been explained.
    slot.warned.add('UO205').add('UO206')
  } else if (asked && asked !== protocol) {
    warnOnce('UO204', `sending ${protocol}, not ${asked}: set protocol: '${asked}' in otel()`)
  }
  return { endpoint, probe: false }
}

/** Option > variable > what the host knows. */
function resolveResource(options: RuntimeOptions, env: Env, host: Host): Attributes {
  const { OTEL_SERVICE_NAME: name, SERVICE_VERSION: version } = env
  return {
    'service.version': options.version,
    ...host.resource(env),
    ...(version && { 'service.version': version }),
    ...parsePairs(env['OTEL_RESOURCE_ATTRIBUTES']),
    ...(name && { [SERVICE_NAME]: name }),
    ...options.resource,
  }
}

/** `k=v,k2=v2` with percent-encoded values, later lists over earlier ones. */
function parsePairs(...lists: (string | undefined)[]): Record<string, string> {
  const pairs: Record<string, string> = {}
  // What is not set joins as nothing.
  for (const item of lists.join().split(',')) {
    const at = item.indexOf('=')
    const key = item.slice(0, at).trim()
    if (at < 1 || !key) continue
    const value = item.slice(at + 1).trim()
    pairs[key] = quietly(() => decodeURIComponent(value)) ?? value
  }
  return pairs
}
