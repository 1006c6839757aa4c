/** Which headers a trace goes on in: chosen by the build, because each has code of its own. */
import type { Options } from './options.ts'

/** Of https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration */
export const propagators = ['tracecontext', 'baggage', 'b3', 'b3multi', 'xray', 'none'] as const
export type Propagator = (typeof propagators)[number]
/** What there is code for. */
export type OwnPropagator = Exclude<Propagator, 'none'>

/** Names in the variable that there is no code for are somebody else's: the build may have it for its own tracing. */
export function resolvePropagators(
  options: Options,
  env: Readonly<Record<string, string | undefined>>,
): OwnPropagator[] | undefined {
  const named = env['OTEL_PROPAGATORS']?.split(',').flatMap((name) => name.trim() || [])
  const found = new Set(options.propagators ?? named?.filter(isPropagator))
  // The default of the variable has baggage, too, which nobody gets here unless it is asked for (`propagateTo.baggage`).
  const isDefault = found.has('tracecontext') && [...found].every((name) => /^(tracecontext|baggage)$/.test(name))
  if (found.size === 0 || (isDefault && !options.propagators?.includes('baggage'))) return undefined
  return found.has('none') ? [] : ([...found] as OwnPropagator[])
}

export function isPropagator(name: string): name is Propagator {
  return propagators.includes(name as Propagator)
}
