/** What `unplugin-otel explain` knows of a project, without its bundler. */
import type { KeepAlive, Target } from '../contract.ts'
import type { RunCode } from './report/codes.ts'
import type { Signal } from './define-platform.ts'
import type { Options } from './options.ts'
import type { BuildReport } from './report/report.ts'
import type { Batching } from './runtime-options.ts'

/**
 * What `npx unplugin-otel explain --json` prints: the report of a build, and what decides how the function behaves.
 * It is read from the files of the project; no bundler runs, so what a configuration computes is not known.
 */
export interface ExplainReport extends BuildReport {
  /** `vite`, `next`, `sst`; `none` where no configuration is found. */
  readonly bundler: string
  /** The modules that were read, relative to the project's root. */
  readonly entries: readonly string[]
  readonly plugin: PluginReport
  /** All that name a platform, the strongest first: bundler, deploy file, dependency, CI variable. */
  readonly signals: readonly SignalReport[]
  /** Of each target that has handlers; none without a platform. */
  readonly flush: readonly FlushReport[]
  /** Null: without a platform. */
  readonly batching: BatchingReport | null
  readonly endpoint: EndpointReport
  /** Of each target that has handlers. */
  readonly bytes: readonly BytesReport[]
}

export interface PluginReport {
  /** Whether a configuration of a bundler uses the plugin. */
  readonly found: boolean
  /** Where it is used, relative to the folder of the configuration. */
  readonly file?: string
  /** What builds the functions, as far as their files tell: `vite`, `next`, `sst`. */
  readonly bundler?: string
  /** The configuration of that, whether or not the plugin is in it. */
  readonly configuration?: string
  /** What `otel()` is given there in plain values, and what `--options` says, which overrides them. */
  readonly options: Options
  /** Names of the options whose values only running the configuration, or `--options`, tells; `…` for those of a variable. */
  readonly computed: readonly string[]
}

export interface SignalReport {
  readonly signal: Signal
  readonly because: string
  readonly platform: string
  /** Whether it decided. */
  readonly won: boolean
}

/** How spans get out before the platform freezes the function. */
export interface FlushReport {
  readonly host: string
  readonly target: Target
  /** `after` the response, `before` it, or by `interval`, where nothing freezes. */
  readonly when: KeepAlive
  readonly primitive: string
  readonly callersWait: boolean
  /** Where that is not to be had. */
  readonly otherwise: string | null
  /** Milliseconds that an invocation may spend on its export. */
  readonly budgetMs: number
  /** Milliseconds before the deadline at which the export gives up; null: the platform tells no deadline. */
  readonly marginMs: number | null
}

export interface BatchingReport {
  /** As it is given to `otel()`. */
  readonly option: Batching
  /** What that means on this platform. */
  readonly means: string
  /** Spans a request. */
  readonly maxExportBatchSize: number
  /** Spans that are kept while the collector is not reached. */
  readonly maxQueueSize: number
  /** Milliseconds between the exports of an invocation that still runs. */
  readonly scheduledDelayMillis: number
  /** As many spans as end before they are exported at once; null: they wait for the end of the invocation. */
  readonly exportAt: number | null
}

export interface EndpointReport {
  /** In the order in which the function asks; it reads the variables where it runs. */
  readonly chain: readonly EndpointSource[]
  /** What is wrong with what is set in this shell. Values are never repeated: they may have credentials in them. */
  readonly problems: readonly { readonly code: RunCode; readonly fact: string; readonly remedy: string }[]
}

export interface EndpointSource {
  readonly source: string
  /** Whether this shell has the variable; undefined for what is none. */
  readonly isSet?: boolean
}

/** Bytes, minified and compressed by gzip, of a handler that does nothing. */
export interface BytesReport {
  readonly target: Target
  readonly encoding: 'json' | 'protobuf'
  /** API, SDK and serializer of OpenTelemetry, which any tracing needs. */
  readonly floor: number
  /** What this plugin adds to that. */
  readonly ours: number
}
