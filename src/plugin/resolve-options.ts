/** `Options` → `ResolvedOptions`: what is not given has its default. */
import type { RuntimeOptions, Target } from '../contract.ts'
import type { PlatformId } from './known-platforms.ts'
import { BUILT_IN, type Library } from './libraries.ts'
import { checkOptions } from './option-rules.ts'
import type { Options, ResponseHeader } from './options.ts'
import { resolvePropagators, type OwnPropagator } from './propagators.ts'
import { resolveRuntime } from './runtime-options.ts'
import type { SamplingOptions } from './sampling-options.ts'

export interface ResolvedOptions {
  readonly enabled: boolean
  /** The variable that turned it off; undefined: the option, or it is on. */
  readonly disabledBy: string | undefined
  readonly platform: 'auto' | PlatformId
  readonly target: 'auto' | Target
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly handlers: Readonly<Record<string, readonly string[]>>
  readonly protocol: 'http/json' | 'http/protobuf'
  /** Undefined: it is looked for. */
  readonly configFile: string | false | undefined
  readonly report: 'summary' | 'verbose' | 'json' | false
  readonly strict: boolean
  readonly debug: boolean
  readonly ignore: readonly string[]
  readonly responseHeader: false | ResponseHeader
  /** In lower case. */
  readonly captureHeaders: { readonly request: readonly string[]; readonly response: readonly string[] }
  readonly trustIncoming: boolean
  /** Undefined: all is exported. */
  readonly sampling: SamplingOptions | undefined
  readonly libraries: readonly Library[]
  readonly propagateTo: { readonly except: readonly string[]; readonly baggage: readonly string[] }
  /** Undefined: W3C trace context alone, which needs no code of its own. */
  readonly propagators: readonly OwnPropagator[] | undefined
  /** The part that is written into the bundle. */
  readonly runtime: RuntimeOptions
}

/** Set in what they run. https://vitest.dev/config/ https://jestjs.io/docs/environment-variables */
const TEST_RUNNERS = ['VITEST', 'JEST_WORKER_ID']

/** @throws {PluginError} for an unknown name or a value of the wrong shape */
export function resolveOptions(
  options: Options = {},
  env: Readonly<Record<string, string | undefined>> = {},
): ResolvedOptions {
  checkOptions(options)
  const { handlers = [] } = options
  const disabledBy = options.enabled === undefined ? TEST_RUNNERS.find((name) => env[name]) : undefined
  return {
    enabled: options.enabled ?? disabledBy === undefined,
    disabledBy,
    platform: options.platform ?? 'auto',
    target: options.target ?? 'auto',
    include: options.include ?? [],
    exclude: options.exclude ?? [],
    handlers: Array.isArray(handlers) ? (handlers.length > 0 ? { '**': handlers } : {}) : handlers,
    protocol: options.protocol ?? 'http/json',
    configFile: options.configFile,
    report: options.report ?? 'summary',
    strict: options.strict ?? false,
    debug: options.debug ?? false,
    ignore: options.ignore ?? [],
    responseHeader: options.responseHeader ?? false,
    captureHeaders: {
      request: toLowerCase(options.captureHeaders?.request),
      response: toLowerCase(options.captureHeaders?.response),
    },
    trustIncoming: options.trustIncoming ?? true,
    propagators: resolvePropagators(options, env),
    sampling: options.sampling ?? (env['OTEL_TRACES_SAMPLER'] ? {} : undefined),
    libraries: options.libraries === false ? [] : Array.isArray(options.libraries) ? options.libraries : BUILT_IN,
    propagateTo: { except: options.propagateTo?.except ?? [], baggage: options.propagateTo?.baggage ?? [] },
    runtime: resolveRuntime(options),
  }
}

function toLowerCase(names: readonly string[] = []): string[] {
  return names.map((name) => name.toLowerCase())
}
