/**
 * The tracer provider of the process, made at the *first invocation*: by then the user's own SDK, if
 * there is one, has registered itself, and it must win.
 */
import {
  trace,
  type ContextManager,
  type TextMapPropagator,
  type Tracer,
  type TracerProvider as ApiTracerProvider,
} from '@opentelemetry/api'
import { TracerProvider, type Sampler, type SpanProcessor } from '@opentelemetry/sdk-trace'
import { isDisabled, resolveConfig, resolveFlush, type Config } from './config.ts'
import type { Call, Env, FlushOptions, Host, RuntimeOptions } from '../contract.ts'
import type { Framework } from './framework.ts'
import type { Encoding } from './encode.ts'
import type { LocalTrace } from './hook-types.ts'
import type { AnyKind } from './instrument.ts'
import { createExporter, type Exporter, type InFlight, type Transport } from './exporter.ts'
import { createIdGenerator, type Random } from './ids.ts'
import { adopt, collect, type ActiveInvocation } from './invocation.ts'
import { w3c } from './propagation.ts'
import { warnOnce } from './quietly.ts'
import { createResource } from './resource.ts'
import { slot } from './slot.ts'
import { startUnreferenced } from './timer.ts'
import { VERSION } from './version.ts'

/** What the invocations of a process share. */
export interface Tracing {
  readonly tracer: Tracer
  readonly flush: FlushOptions
  /** Ours, unless `foreign` is set. */
  readonly export?: {
    readonly config: Config
    readonly exporter: Exporter
    /** Of the process, as far as it may wait for them. */
    inFlight(): InFlight
  }
  /** The user's own provider: it records and exports instead of ours, we flush it. */
  readonly foreign?: Foreign
  /** What is registered. */
  readonly provider: object
}

export interface Foreign {
  forceFlush?(): Promise<unknown>
}
type ForeignProvider = Foreign & ApiTracerProvider

/**
 * The parts that the emitted code composes, bound once a bundle. What only an option needs is a module of its own in
 * `features/`, imported only where the option is set: it takes a setup, and gives one in which some parts are its own.
 */
export interface Setup {
  readonly options: RuntimeOptions
  readonly host: Host & {
    readonly framework?: Framework
    observe?(processor: SpanProcessor, limit: number): SpanProcessor
  }
  readonly createContextManager: () => ContextManager
  readonly encoding: Encoding
  readonly transport: Transport
  readonly random: Random
  /** Which spans are recorded. Default: as the parent is, and everything without one. Asked once a process. */
  sampler?(env: Env): Sampler
  /** What features have for `propagator`, in the order in which they are asked. */
  readonly propagators?: readonly TextMapPropagator[]
  /** What others get. Default: W3C trace context. */
  readonly propagator?: TextMapPropagator
  /** What `sampling` asks first, at the end of an invocation. */
  decide?(trace: LocalTrace): boolean | undefined
  /** Changes the exporter that it is given. */
  observe?(exporter: Exporter): void
  /** What stands in the place of a kind: how an invocation starts, what the handler gets and gives. Once a call. */
  around?(kind: AnyKind): AnyKind
}

/** What the emitted code calls: binds the parts that it imports. Nothing runs before the first invocation. */
export function createSetup(transport: Transport, random: Random) {
  return (
    options: RuntimeOptions,
    host: Setup['host'],
    createContextManager: () => ContextManager,
    encoding: Encoding,
  ): Setup => ({ options, host, createContextManager, encoding, transport, random })
}

/** Undefined: tracing is off. Asked again at the next invocation, and cheap until then. */
export function currentTracing(setup: Setup, call?: Call): Tracing | undefined {
  // Whoever takes our provider's place wants the spans from now on.
  const registered = foreignProvider()
  if (registered && slot.tracing?.provider !== registered) slot.tracing = undefined
  return (slot.tracing ??= createTracing(setup, call))
}

function createTracing(setup: Setup, call?: Call): Tracing | undefined {
  const { options, host, encoding, transport, random } = setup
  const env = host.env(call)
  if (isDisabled(env)) return undefined
  const flush = resolveFlush(options, env, transport.outlives)
  const register = (provider: ApiTracerProvider, rest: Pick<Tracing, 'export' | 'foreign'>): Tracing => {
    registerGlobals(provider, setup)
    return { tracer: provider.getTracer('unplugin-otel', VERSION), provider, flush, ...rest }
  }
  const foreign = foreignProvider()
  if (foreign) {
    warnOnce('UO210', 'another OpenTelemetry provider is registered: it exports, and we flush it')
    // Although it is registered: a layer's copy of the API may be older, and hidden from the one in the bundle.
    return register(foreign, { foreign: transport.beside?.(foreign, flush.budgetMs) ?? foreign })
  }
  const config = resolveConfig(options, env, host, encoding.protocol, call)
  if (!config) return undefined
  const exporter = createExporter(config, flush.budgetMs, encoding, transport)
  setup.observe?.(exporter)
  const processor = createProcessor(exporter, config)
  const provider = new TracerProvider({
    idGenerator: createIdGenerator(random),
    spanLimits: config.spanLimits,
    resource: createResource(transport.language, config.resource),
    sampler: setup.sampler?.(env) as Sampler,
    spanProcessors: [host.observe?.(processor, config.limits.spansPerInvocation) ?? processor],
  })
  return register(provider, {
    export: { config, exporter, inFlight: () => transport.inFlight ?? new Set() },
  })
}

function createProcessor(exporter: Exporter, { batch, limits }: Config): SpanProcessor {
  const send = (owner: ActiveInvocation) => {
    owner.interim = undefined
    exporter.send(owner.ended.splice(0, batch.maxExportBatchSize), owner.inFlight)
    // One request a turn: the handler is running.
    if (owner.ended.length > 0) sendIn(0, owner)
  }
  const sendIn = (ms: number, owner: ActiveInvocation) => {
    owner.interim ??= startUnreferenced(() => send(owner), ms)
  }
  return {
    onStart(span, parentContext) {
      adopt(span, parentContext, trace.getSpan(parentContext), limits.spansPerInvocation)
      slot.onStart?.(span, parentContext)
    },
    onEnd(span) {
      const owner = collect(span, limits.spansPerInvocation)
      if (!owner) return
      // Of no number, nothing is more.
      if (owner.ended.length >= batch.exportAt!) send(owner)
      // Only now: a timer from the start would hide from workerd that a handler waits for nothing.
      else sendIn(batch.interimMs, owner)
    },
    // Invocations flush themselves: a `forceFlush` by hand is left over from before.
    forceFlush: async () => {},
    shutdown: async () => {},
  }
}

const API_KEY = Symbol.for('opentelemetry.js.api.1')
interface ApiGlobal {
  version: string
  trace?: { getDelegate?: () => ApiTracerProvider }
  [api: string]: unknown
}
const globals = globalThis as { [API_KEY]?: ApiGlobal }

export function foreignProvider(): ForeignProvider | undefined {
  const registered = globals[API_KEY]?.trace
  return registered && ((registered.getDelegate?.() ?? registered) as ForeignProvider)
}

/** By itself the API's own accessor would bring all that the package has for propagation. */
export function globalPropagator(): TextMapPropagator | undefined {
  return globals[API_KEY]?.['propagation'] as TextMapPropagator | undefined
}

/**
 * The API package refuses a registration when *anything* was registered by another version before (a
 * diagnostics logger, a propagator) and hides what an older one registered from newer copies. So the
 * registration starts from an empty global object, what stood in the old one is carried over, and the
 * newer of the two versions stays.
 */
function registerGlobals(provider: ApiTracerProvider, { createContextManager, propagator = w3c }: Setup): void {
  const existing = globals[API_KEY]
  delete globals[API_KEY]
  trace.setGlobalTracerProvider(provider)
  const ours = globals[API_KEY] as ApiGlobal | undefined
  if (existing && ours) {
    const { version, ...registered } = existing
    const newest = minor(version) > minor(ours.version) ? version : ours.version
    globals[API_KEY] = { ...ours, ...registered, trace: ours.trace, version: newest } as ApiGlobal
  }
  if (!existing?.['context']) fill('context', createContextManager().enable())
  if (!existing?.['propagation']) fill('propagation', propagator)
}

/** By hand, because the API's own setters compare versions for equality. */
function fill(api: 'context' | 'propagation', value: unknown): void {
  globals[API_KEY]![api] = value
}

function minor(version: string): number {
  return Number(version.split('.')[1])
}
