/**
 * `sampling`: the flag that others get is decided when a trace begins (`head-sampling.ts`), what is exported when an
 * invocation ends, by all of its spans: errors, what is slow and cold starts are kept at any ratio. Until then they wait
 * here, within `limits.spansPerInvocation`.
 */
import { TraceFlags } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Exporter } from '../exporter.ts'
import { createHeadSampler, isWithinRatio, resolveHead } from '../head-sampling.ts'
import { admit, isError, ownerOf, type ActiveInvocation } from '../invocation.ts'
import type { Setup } from '../provider.ts'
import { FAAS_COLDSTART } from '../semconv.ts'
import { slot } from '../slot.ts'
import { startUnreferenced } from '../timer.ts'

export interface Sampling {
  readonly ratio?: number
  readonly keepErrors?: boolean
  readonly keepColdStarts?: boolean
  /** Milliseconds. */
  readonly keepSlowerThan?: number
}

/** Why a trace is exported: the value of `sampling.decision`. */
type Reason = 'custom' | 'ratio' | 'parent' | 'error' | 'cold_start' | 'slow'

/** One invocation's. */
interface Local {
  /** Undefined: not decided yet. False: dropped. */
  decision?: Reason | false | undefined
  /** What has ended meanwhile. */
  readonly held: ReadableSpan[]
}

/** @param given undefined: it is here for `decide`, if there is one */
export function sample(setup: Setup, given?: Sampling): Setup {
  if (!given && !setup.decide) return setup
  const sampling = given ?? {}
  const { keepErrors = true, keepColdStarts = true, keepSlowerThan = Infinity } = sampling
  const locals = new WeakMap<ActiveInvocation, Local>()
  /** Those of which something waits for what goes on in the background, or for the next request. */
  const waiting = new Set<ActiveInvocation>()
  let ratio = 1
  /** Its user's sampler decides what is told to others. */
  let isCustom = false
  let exporter: Exporter | undefined

  function localOf(owner: ActiveInvocation): Local {
    let local = locals.get(owner)
    if (!local) locals.set(owner, (local = { held: [] }))
    return local
  }

  /** What can be known before the end. */
  function findReason(owner: ActiveInvocation, spans: readonly ReadableSpan[]): Reason | undefined {
    const root = owner.root as unknown as ReadableSpan
    const { traceId, traceFlags } = root.spanContext()
    if (traceFlags & TraceFlags.SAMPLED) return isCustom ? 'custom' : isWithinRatio(traceId, ratio) ? 'ratio' : 'parent'
    if (keepErrors && spans.some(isError)) return 'error'
    if (keepColdStarts && root.attributes[FAAS_COLDSTART]) return 'cold_start'
    const [seconds, nanoseconds] = root.duration
    const ms = root.ended ? seconds * 1e3 + nanoseconds / 1e6 : Date.now() - owner.began
    return ms >= keepSlowerThan ? 'slow' : undefined
  }

  function decide(
    owner: ActiveInvocation,
    local: Local,
    spans: readonly ReadableSpan[],
    isOver = false,
  ): Local['decision'] {
    if (setup.decide && local.decision === undefined) {
      // By all of it, or not at all.
      if (!isOver) return undefined
      const given = setup.decide({ root: owner.root as unknown as ReadableSpan, spans })
      if (typeof given === 'boolean') return (local.decision = given && 'custom')
    }
    return (local.decision ??= findReason(owner, spans) ?? (isOver ? false : undefined))
  }

  /**
   * Of what is to be sent, what is kept, with what has waited for it. What is dropped here is nobody's loss.
   * @param isOver whether nothing is to come of an invocation
   */
  function select(spans: readonly ReadableSpan[], isOver: (owner: ActiveInvocation) => boolean): ReadableSpan[] {
    const selected: ReadableSpan[] = []
    const found = new Set<ActiveInvocation>(
      Array.from(waiting).filter((owner) => isOver(owner) || localOf(owner).decision),
    )
    for (const span of spans) {
      const owner = ownerOf(span)
      if (owner) {
        localOf(owner).held.push(span)
        found.add(owner)
      } else if (span.spanContext().traceFlags & TraceFlags.SAMPLED || (keepErrors && isError(span)))
        selected.push(span)
    }
    for (const owner of found) {
      const local = localOf(owner)
      const reason = decide(owner, local, local.held, isOver(owner))
      waiting[reason === undefined ? 'add' : 'delete'](owner)
      if (reason === undefined) continue
      const ended = local.held.splice(0)
      if (!reason) continue
      selected.push(...ended)
      // Not by its method: it may have ended.
      ;(owner.root as unknown as ReadableSpan).attributes['sampling.decision'] = reason
    }
    for (const span of selected) (span.spanContext() as { traceFlags: number }).traceFlags |= TraceFlags.SAMPLED
    return selected
  }

  /** What has waited, as what has just ended. */
  function sendSoon(owner: ActiveInvocation): void {
    waiting.add(owner)
    const send = () => {
      owner.interim = undefined
      exporter?.send(owner.ended.splice(0), owner.inFlight)
    }
    owner.interim ??= startUnreferenced(send, setup.options.batch?.interimMs ?? 1000)
  }

  function wait(processor: SpanProcessor, limit: number): SpanProcessor {
    return {
      ...processor,
      onEnd(span) {
        const owner = ownerOf(span)
        // Of the root, hosts and frameworks have to know.
        if (!owner || owner.flushed || owner.root === (span as unknown)) return processor.onEnd(span)
        const local = localOf(owner)
        const decision = decide(owner, local, [span])
        if (decision && local.held.length === 0) return processor.onEnd(span)
        owner.open.delete(span as never)
        slot.open?.delete(span as never)
        if (decision === false) return
        // Also once it is decided: an error takes the place of one of them.
        admit(owner, span, limit, local.held)
        if (decision) sendSoon(owner)
      },
    }
  }

  return {
    ...setup,
    sampler(env) {
      const given = setup.sampler?.(env)
      isCustom = given !== undefined
      if (given) return given
      const head = resolveHead(sampling.ratio, env)
      ratio = head.ratio
      return createHeadSampler(head)
    },
    observe(observed: Exporter) {
      setup.observe?.(observed)
      exporter = observed
      const { send, flush } = observed
      observed.send = (spans, ...rest) =>
        send(
          select(spans, (owner) => !isRunning(owner)),
          ...rest,
        )
      // At its deadline an invocation still runs, and is told by what it waits for, unless all wait for the same.
      observed.flush = (spans, inFlight, ...rest) =>
        flush(
          select(spans, (owner) => !isRunning(owner) || (!setup.host.holdsLast && owner.inFlight === inFlight)),
          inFlight,
          ...rest,
        )
    },
    host: {
      ...setup.host,
      observe: (processor, limit) => wait(setup.host.observe?.(processor, limit) ?? processor, limit),
    },
  }
}

function isRunning(owner: ActiveInvocation): boolean {
  return slot.active.has(owner) && !slot.isExiting
}
