/** One call of a wrapped handler where callbacks of its platform and of its user go wrong, and one of a bare twin. */
import { setFetch } from './stand-in-fetch.ts'
import { context, diag, DiagLogLevel } from '@opentelemetry/api'
import type { Host, Kind } from '../../src/contract.ts'
import { closeBreaker } from '../../src/runtime/breaker.ts'
import { als } from '../../src/runtime/context/als.ts'
import { encoding } from '../../src/runtime/encoding/json.ts'
import { host as workerd } from '../../src/runtime/hosts/workerd.ts'
import { host as netlify } from '../../src/runtime/hosts/netlify.ts'
import { host as lambda } from '../../src/runtime/hosts/aws-lambda.ts'
import { instrument } from '../../src/runtime/instrument.ts'
import { onFetch, onQueue, onScheduled } from '../../src/runtime/platforms/cloudflare.ts'
import { onEvent } from '../../src/runtime/platforms/aws-lambda.ts'
import { onRequest } from '../../src/runtime/platforms/netlify.ts'
import { slot } from '../../src/runtime/slot.ts'
import { argumentsOf } from './arguments.ts'
import { createContext, registerProvider } from './foreign.ts'
import { nameOf, outcomeOf } from './outcome.ts'
import { createHandler, type RESULTS } from './results.ts'
import { createFaulty, type Fault, type Faulty } from './faults.ts'

/** Of the user's own tracer provider. */
export const PROVIDER_PLACES: readonly string[] = [
  'getTracer',
  'startSpan',
  'end',
  'setAttribute',
  'setAttributes',
  'setStatus',
  'recordException',
  'forceFlush',
]

export const PLACES = [
  ...PROVIDER_PLACES,
  'context.active',
  'context.with',
  'context.with after',
  'diag.error',
  'console.warn',
  'event',
  'ctx',
  'env',
  'env keys',
  'waitUntil',
  'fetch',
  'fetch body',
  'deadline',
  'keepAlive',
  'body pull',
  'body cancel',
  'start of the body',
  'callback',
]

export interface Scenario {
  readonly platform: 'workerd' | 'workerd queue' | 'workerd scheduled' | 'lambda' | 'netlify' | 'before'
  readonly result: (typeof RESULTS)[number]
  readonly isForeign: boolean
  readonly isForeignContext: boolean
  readonly hasLogger: boolean
  readonly faults: readonly Fault[]
}

export interface Told {
  /** How often the handler was called, and with which of the arguments. */
  readonly calls: readonly unknown[]
  readonly outcome: unknown
  readonly warnings: readonly string[]
  readonly unhandled: readonly unknown[]
  /** What was given to `waitUntil` and rejected. */
  readonly rejected: readonly unknown[]
  readonly happened: ReadonlySet<string>
}

// It has types of the Web that these tests have not.
const edge: string = '../../src/runtime/edge.ts'
const { setup } = (await import(edge)) as typeof import('../../src/runtime/node.ts')

const API = Symbol.for('opentelemetry.js.api.1')
const meta = { file: 'src/app.ts', name: 'handler', line: 1 }

/** @param isWrapped or as it would be without us; then nothing of ours is there to go wrong */
export async function play(scenario: Scenario, isWrapped: boolean): Promise<Told> {
  reset()
  // When the source fails is a matter of turns: before it is cancelled, or after.
  const isCancelled = scenario.result === 'cancelled stream'
  const faulty = createFaulty(
    scenario.faults.filter(({ at }) => !isCancelled || !/pull|start/.test(at) || at === 'startSpan'),
  )
  const warnings: string[] = []
  const unhandled: unknown[] = []
  const rejected: unknown[] = []
  const onUnhandled = (error: unknown) => void unhandled.push(nameOf(error))
  process.on('unhandledRejection', onUnhandled)
  process.on('uncaughtException', onUnhandled)
  const { warn } = console
  console.warn = faulty('console.warn', (...values: unknown[]) => void warnings.push(String(values[0]).slice(0, 60)))
  const read = faulty('fetch body', async () => ({ done: true }))
  const getReader = () => ({ read, cancel: async () => {} })
  setFetch(faulty('fetch', async () => ({ status: 200, headers: new Headers(), body: { getReader } }) as never))
  if (scenario.hasLogger)
    diag.setLogger(
      { error: faulty('diag.error', () => {}), warn() {}, info() {}, debug() {}, verbose() {} },
      { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true },
    )
  if (scenario.isForeign) registerProvider(faulty)
  if (scenario.isForeignContext) context.setGlobalContextManager(createContext(faulty))
  try {
    const calls: unknown[] = []
    const args = argumentsOf(scenario, faulty, rejected)
    const inner = (event: { n: number }) => event.n + 1
    const own = isWrapped ? (wrap(scenario, faulty, inner) as typeof inner) : inner
    const handler = createHandler(scenario, faulty, calls, args, own)
    const wrapped = isWrapped ? wrap(scenario, faulty, handler) : handler
    const outcome = await Promise.race([
      outcomeOf(() => (wrapped as Function)(...args), scenario.result === 'cancelled stream'),
      silence(scenario),
    ])
    for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve))
    // Budgets and intervals.
    if (isWrapped)
      for (let turn = 0; turn < 12 && slot.active.size > 0; turn++)
        await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setImmediate(resolve))
    return { calls: [...calls], outcome, warnings, unhandled, rejected, happened: faulty.happened }
  } finally {
    console.warn = warn
    process.off('unhandledRejection', onUnhandled)
    process.off('uncaughtException', onUnhandled)
    reset()
  }
}

/** Of what never settles: else it would be waited for in vain. */
function silence({ faults }: Scenario): Promise<unknown> {
  if (!faults.some(({ at, deed }) => deed === 'never settles' || at.includes('body'))) return new Promise(() => {})
  return new Promise((resolve) => setTimeout(resolve, 100, 'nothing'))
}

function reset(): void {
  slot.tracing = undefined
  slot.warm = false
  slot.active.clear()
  slot.warned.clear()
  slot.orphans.length = 0
  slot.retained.length = 0
  slot.dropped.clear()
  closeBreaker()
  delete (globalThis as Record<symbol, unknown>)[API]
}

function wrap({ platform }: Scenario, faulty: Faulty, handler: object): object {
  const kinds: Record<Scenario['platform'], Kind<never, never, never>> = {
    workerd: onFetch as never,
    'workerd queue': onQueue as never,
    'workerd scheduled': onScheduled as never,
    lambda: onEvent as never,
    netlify: onRequest as never,
    before: onEvent as never,
  }
  const env = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.test:4318' })
  const host: Host = platform.startsWith('workerd')
    ? workerd
    : platform === 'netlify'
      ? { ...netlify, env }
      : { ...lambda, env, keepAlive: faulty('keepAlive', () => (platform === 'before' ? 'before' : 'interval')) }
  const parts = setup({ flush: { budgetMs: 20, marginMs: 1 } }, host, als, encoding)
  return instrument(kinds[platform], handler, meta, parts)
}
