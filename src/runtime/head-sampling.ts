/** What is propagated to others as the `sampled` flag, and how the standard variables choose it. */
import { isSpanContextValid, trace, TraceFlags } from '@opentelemetry/api'
import { SamplingDecision, type Sampler } from '@opentelemetry/sdk-trace'
import type { Env } from '../contract.ts'
import { warnOnce } from './quietly.ts'

export interface HeadSampling {
  /** Of the traces that begin here, from 0 to 1. */
  readonly ratio: number
  /** Whether a remote parent decides. */
  readonly isParentBased: boolean
  /** How many roots their remote parents may sample beside the ratio, for each root: anybody can send the flag. */
  readonly parentsPerRoot: number
}

/** Roots that may be sampled by their parents at once, after as many that were not. */
const MAX_BURST = 10
const PARENTS_PER_RATIO = 10

/**
 * Whether a trace is one of the ratio: by the lowest 56 bits of its id, which are random, so that every service with the
 * same ratio says the same, and one with a larger ratio samples what one with a smaller does.
 * https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
 */
export function isWithinRatio(traceId: string, ratio: number): boolean {
  // 52 of them: more would be rounded.
  return Number.parseInt(traceId.slice(-14, -1), 16) >= (1 - ratio) * 2 ** 52
}

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration */
const BY_NAME: Readonly<Record<string, readonly [ratio: number | undefined, isParentBased: boolean]>> = {
  always_on: [1, false],
  always_off: [0, false],
  traceidratio: [undefined, false],
  parentbased_always_on: [1, true],
  parentbased_always_off: [0, true],
  parentbased_traceidratio: [undefined, true],
}

/** @param ratio that of the option, which wins over the variables */
export function resolveHead(ratio: number | undefined, env: Env): HeadSampling {
  if (ratio !== undefined) return { ratio, isParentBased: true, parentsPerRoot: ratio * PARENTS_PER_RATIO }
  const name = env['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on'
  const known = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined
  if (!known)
    warnOnce('UO220', `OTEL_TRACES_SAMPLER must be one of ${Object.keys(BY_NAME).join(', ')}`, 'OTEL_TRACES_SAMPLER')
  const [fixed = ratioOf(env), isParentBased] = known ?? [1, true]
  // Who asks for the parents' decision and for nothing besides gets it.
  return { ratio: fixed, isParentBased, parentsPerRoot: fixed > 0 ? fixed * PARENTS_PER_RATIO : Infinity }
}

function ratioOf(env: Env): number {
  const text = env['OTEL_TRACES_SAMPLER_ARG'] || '1'
  const ratio = Number(text)
  if (ratio >= 0 && ratio <= 1) return ratio
  warnOnce(
    'UO220',
    'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1: the default is taken',
    'OTEL_TRACES_SAMPLER_ARG',
  )
  return 1
}

/** Records everything, because what is kept is known at the end; the flag says what was decided at the beginning. */
export function createHeadSampler({ ratio, isParentBased, parentsPerRoot }: HeadSampling): Sampler {
  // `always_off`: not even errors.
  if (ratio === 0 && !isParentBased) return { shouldSample: () => ({ decision: SamplingDecision.NOT_RECORD }) }
  let allowed = 0

  function isSampledByParent(): boolean {
    if (allowed < 1) return false
    allowed--
    return true
  }

  function isSampled(traceId: string, parent: { readonly traceFlags: number } | undefined): boolean {
    allowed = Math.min(allowed + parentsPerRoot, MAX_BURST)
    if (!parent || !isParentBased) return isWithinRatio(traceId, ratio)
    return Boolean(parent.traceFlags & TraceFlags.SAMPLED) && (isWithinRatio(traceId, ratio) || isSampledByParent())
  }

  return {
    shouldSample(context, traceId) {
      const found = trace.getSpanContext(context)
      const parent = found && isSpanContextValid(found) ? found : undefined
      // In this process all of a trace has the flag of its root.
      const sampled = parent && !parent.isRemote ? parent.traceFlags & TraceFlags.SAMPLED : isSampled(traceId, parent)
      return { decision: sampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.RECORD }
    },
  }
}
