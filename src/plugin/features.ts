/** Which modules of `runtime/features/` the options ask for. What is not asked for costs no bytes. */
import type { Module } from './build.ts'
import { BUILT_IN, MODEL_HOSTS, toHostPattern } from './libraries.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import { toPattern } from './path-pattern.ts'
import type { OwnPropagator } from './propagators.ts'

/** A module of `runtime/features/`, imported only where an option asks for it. */
export interface FeatureFacts {
  readonly file: string
  /** What it exports: called with the setup, gives the changed one. */
  readonly name: string
  /** Whether it is given what the user's `otel.config.ts` exports, before the argument. */
  readonly config?: true
  /** Its last argument, JSON. */
  readonly argument?: unknown
}

/** What decides beside the options. */
type FeatureModule = Pick<Module, 'target' | 'platform'>

const PROPAGATORS: Readonly<Record<OwnPropagator, FeatureFacts>> = {
  tracecontext: { file: 'propagator-tracecontext', name: 'addTraceContext' },
  baggage: { file: 'propagator-baggage', name: 'addBaggage' },
  b3: { file: 'propagator-b3', name: 'addB3', argument: false },
  b3multi: { file: 'propagator-b3', name: 'addB3', argument: true },
  xray: { file: 'propagator-xray', name: 'addXray' },
}

/**
 * In the order in which they change the setup: a later one is around the earlier ones.
 * @param ofConfig those of `otel.config.ts`, the innermost: they get what options have left
 */
export function findFeatures(
  options: ResolvedOptions,
  { target, platform }: FeatureModule,
  ofConfig: readonly FeatureFacts[] = [],
): FeatureFacts[] {
  const { debug, ignore, responseHeader, captureHeaders, trustIncoming, sampling } = options
  // Processors see what is recorded, also what `sampling` then leaves out.
  const isProcessors = ({ file }: FeatureFacts) => file === 'span-processors'
  const features = ofConfig.filter((feature) => !isProcessors(feature))
  const add = (file: string, name: string, argument?: unknown) => features.push({ file, name, argument })
  if (debug) add('flush-telemetry', 'observeFlushes')
  // Before `sampling`, which sends what it has held past whatever is around it.
  if (ignore.length > 0) add('ignored', 'ignoreRequests', ignore.map(toPattern).join('|'))
  for (const propagator of options.propagators ?? []) features.push(PROPAGATORS[propagator])
  if (options.propagators) add('propagators', 'propagate')
  const isDecided = ofConfig.some(({ file }) => file === 'decide')
  // What it drops is none of what is said of a flush.
  if (sampling || isDecided) add('sampling', 'sample', sampling)
  features.push(...ofConfig.filter(isProcessors))
  // Next has spans of its own for what it fetches.
  const libraries = platform.id === 'nextjs' ? [] : options.libraries
  const { except, baggage } = options.propagateTo
  const builtIn = libraries.filter((library) => BUILT_IN.includes(library))
  const hosts = toHostPattern([...MODEL_HOSTS, ...except])
  const isOutgoing = target === 'node' ? builtIn.length > 0 : builtIn.includes('fetch')
  const isAll = target === 'edge' || builtIn.length > 1
  if (isOutgoing) add(`outgoing-${target}`, 'traceOutgoing', { except: hosts, ...(!isAll && { libraries: builtIn }) })
  const isAws = target === 'node' && libraries.includes('aws-sdk')
  if (isAws) add('aws-sdk', 'traceAwsSdk', { except: hosts })
  if ((isOutgoing || isAws) && baggage.length > 0) add('baggage', 'propagateBaggage', toHostPattern(baggage))
  if (responseHeader) add('response-header', 'addResponseHeader', responseHeader)
  const { request, response } = captureHeaders
  if (request.length + response.length > 0) {
    add('captured-headers', 'captureHeaders', {
      ...(request.length > 0 && { request }),
      ...(response.length > 0 && { response }),
    })
  }
  if (!trustIncoming) add('incoming-links', 'linkIncoming')
  return features
}
